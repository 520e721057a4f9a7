"""Ladder: every network of one set of classes on one clip, grouped by the paper's questions."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import torch

from fusionscope.base.numbers import chance_of, class_name
from fusionscope.base.records import InputError
from fusionscope.card import Card
from fusionscope.nets.fusion import FUSIONS
from fusionscope.nets.network import Network
from fusionscope.nets.shared_pass import shared_pass
from fusionscope.trace import network_inputs
from fusionscope.video.clip import Clip
from fusionscope.video.snippets import sample_snippets

QUESTIONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "streams": ("One stream", "no fusion"),
        "how": ("How to fuse", "operators at relu5 (section 3.1, Table 1)"),
        "where": ("Where to fuse", "other stages (section 3.2, Table 2)"),
        "when": ("Over time", "the temporal head is kept (section 3.4, Table 4)"),
    }
)
"""Group -> its title, and what its networks have in common with the paper's table."""

_PLACES = ("softmax", "fc8", "fc7", "fc6", "relu5", "relu4", "relu3", "relu2", "relu1")


@dataclass(frozen=True)
class Rung:
    """One network's prediction for a clip."""

    card: Card
    question: str  # one of ``QUESTIONS``
    label: str  # the predicted class: the average of the heads, if there is more than one
    p: float  # its probability
    p_true: float | None  # the probability of the true class; None: it is unknown
    true: str = ""  # the true class; empty: it is unknown

    @property
    def correct(self) -> bool | None:
        """Whether the prediction is the true class; None: it is unknown."""
        return self.label == self.true if self.true else None

    @property
    def title(self) -> str:
        """The network's title without the data set's name, which all of a ladder share."""
        start, mark, rest = self.card.title.partition(", ")
        return rest[:1].upper() + rest[1:] if mark and rest else start

    @property
    def colour(self) -> str:
        """The colour of the streams that it sees: appearance, motion, or fused for both."""
        if len(self.card.streams) > 1:
            return "fused"
        return "appearance" if self.card.spatial else "motion"

    @property
    def chance(self) -> float:
        """The probability of a class under a uniform guess."""
        return 1 / len(self.card.labels)

    @property
    def spread(self) -> tuple[float, float] | None:
        """Lowest and highest accuracy over the seeds of the shown head; None: one seed only."""
        head = "average" if "average" in dict(self.card.accuracy) else self.card.heads[0]
        shares = dict(self.card.by_seed).get(head, ())
        return (min(shares), max(shares)) if len(shares) > 1 else None


def comparable(card: Card, others: Iterable[Card]) -> list[Card]:
    """The networks of the same classes, trained on the same data set, in the ladder's order."""
    found = [
        other
        for other in others
        if other.taught and other.labels == card.labels and other.world == card.world
    ]
    return sorted(found, key=_order)


def question_of(card: Card) -> str:
    """The question of the paper that a network belongs to; a key of ``QUESTIONS``.

    Table 1 compares operators at the last convolutional layer, Table 2 places with one operator,
    Table 4 networks that keep the temporal head, or pool over time.
    """
    if len(card.streams) < 2:
        return "streams"
    operator = FUSIONS.get(card.fusion or "")
    over_time = operator is not None and operator.knows_order()
    if card.places and (card.keep_temporal or card.pool == "3d" or over_time):
        return "when"
    return "how" if card.places == ("relu5",) else "where"


def _order(card: Card) -> tuple[object, ...]:
    """Within each question: operators by rank, places from the scores down to the pictures."""
    question = question_of(card)
    first = (card.places or ("softmax",))[0]
    place = _PLACES.index(first) if first in _PLACES else len(_PLACES)
    operator = FUSIONS.get(card.fusion or "")
    rank = operator.rank if operator else -1
    return (
        [*QUESTIONS].index(question),
        rank if question != "where" else place,
        card.pool,
        card.place,
        card.spatial is None,
        card.name,
    )


def ladder(
    networks: Sequence[Network], clip: Clip, flow: np.ndarray, label: str = ""
) -> list[Rung]:
    """Run networks on a clip and its flow (N-1, 2, H, W) pixels; stages they share run once.

    Args:
        networks: in the order of the result, all with the same flow method.
        label: the true class; empty: unknown.

    Raises:
        InputError: the clip is shorter than a network's stack of flow fields.
    """
    if not networks:
        raise InputError("a ladder needs at least one network; found none")
    found: dict[int, Rung] = {}
    fed = [_fed(network.card) for network in networks]
    for one in dict.fromkeys(fed):
        group = [network for network, of in zip(networks, fed, strict=True) if of == one]
        snippets = sample_snippets(clip, flow, group[0].card)
        for network, seen in shared_pass(group, *network_inputs(group[0], snippets)):
            p = torch.softmax(seen.final[0].float(), dim=0).cpu().numpy()
            found[id(network)] = _rung(network.card, p, label)
    return [found[id(network)] for network in networks]


def _fed(card: Card) -> tuple[object, ...]:
    """What determines a network's input, given a clip and its flow."""
    return tuple(dataclasses.asdict(card)[name] for name in ("chunks", "stack", "size"))


def _rung(card: Card, p: np.ndarray, label: str) -> Rung:
    best = int(p.argmax())
    said = (question_of(card), card.labels[best], float(p[best]))
    if label not in card.labels:
        return Rung(card, *said, None)
    return Rung(card, *said, float(p[card.labels.index(label)]), label)


def ladder_sentence(rungs: Sequence[Rung]) -> str:
    """What the networks predict, in a sentence or two; labels as *label*."""
    if not rungs:
        return ""
    chance = chance_of(len(rungs[0].card.labels))
    count = len(rungs)
    if not rungs[0].true:
        votes = Counter(rung.label for rung in rungs)
        label, most = votes.most_common(1)[0]
        return f"{most} of {count} networks predict *{class_name(label)}* (chance {chance})."
    right = [rung for rung in rungs if rung.correct]
    sure = max(rungs, key=lambda rung: rung.p_true or 0.0)
    return (
        f"{len(right)} of {count} networks predict the true class, *{class_name(sure.true)}*. "
        f"Its highest probability: {sure.p_true:.2f}, by {sure.title} (chance {chance})."
    )
