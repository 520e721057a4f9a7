"""Head trial: an appearance, a motion and a fused head, compared on the same clips."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fusionscope.base.records import InputError, printable, seal
from fusionscope.evaluation.answers import Answers, Column
from fusionscope.evaluation.predictions_file import Predictions

HeadKey = tuple[str, str]  # model, head
_PUNCTUATION = re.compile(r"[^0-9A-Za-z]")


@dataclass(frozen=True, eq=False)
class HeadTrial:
    """Three or four heads on the same n clips, in the same order."""

    spatial: Answers
    temporal: Answers
    fused: Answers
    late: Answers | None = None  # late fusion: the streams' predictions averaged
    left_out: int = 0  # clips without a prediction from all heads

    def __post_init__(self) -> None:
        seal(self)

    @property
    def roles(self) -> Mapping[str, Answers]:
        """Role -> predictions of its head, the streams first; with late fusion if there is one."""
        played = {"spatial": self.spatial, "temporal": self.temporal, "fused": self.fused}
        return played | ({"late": self.late} if self.late else {})

    @property
    def classes(self) -> tuple[str, ...]:
        """The K classes."""
        return self.fused.classes

    @property
    def labels(self) -> np.ndarray:
        """True classes, (n,), as indices into ``classes``."""
        return self.fused.labels

    @property
    def groups(self) -> tuple[str, ...]:
        """Source groups of the clips, (n,); empty if no file has them."""
        return next((one.groups for one in self.roles.values() if one.groups), ())

    @property
    def columns(self) -> Mapping[str, Column]:
        """Name -> n values that describe the clips, of the first head whose file has them."""
        found: dict[str, Column] = {}
        for one in (self.fused, *self.roles.values()):
            found = {**one.columns, **found}
        return found

    @property
    def better(self) -> str:
        """The more accurate stream."""
        motion = self.temporal.right.sum() > self.spatial.right.sum()
        return "temporal" if motion else "spatial"


def align_heads(
    spatial: Answers, temporal: Answers, fused: Answers, late: Answers | None = None
) -> HeadTrial:
    """Combine heads on the clips that all of them predict, in the fused head's order.

    Raises:
        InputError: they have no clip in common, or disagree on a clip's true label.
    """
    heads = [head for head in (fused, spatial, temporal, late) if head is not None]
    met, left_out = on_shared_clips(heads)
    return HeadTrial(met[1], met[2], met[0], met[3] if late else None, left_out)


def on_shared_clips(heads: Sequence[Answers]) -> tuple[list[Answers], int]:
    """Reduce heads to the clips that all of them predict, in the first head's order.

    Returns:
        The heads, and the number of clips without a prediction from all of them.

    Raises:
        InputError: they have no clip in common, disagree on a clip's true label, or spell names of
            clips with other punctuation.
    """
    if all(head.clips == heads[0].clips for head in heads):
        return _agreed(list(heads)), 0
    rows = [{clip: row for row, clip in enumerate(head.clips)} for head in heads]
    shared = [clip for clip in heads[0].clips if all(clip in places for places in rows)]
    _check_spelling(heads, frozenset(shared))
    if not shared:
        raise InputError(
            "the chosen heads have no clip in common; needed: predictions on the same clips"
        )
    met = [
        head.of(np.array([places[clip] for clip in shared]))
        for head, places in zip(heads, rows, strict=True)
    ]
    return _agreed(met), len(set().union(*rows)) - len(shared)


def _check_spelling(heads: Sequence[Answers], shared: frozenset[str]) -> None:
    """Raise InputError if names of clips that are not shared differ only in punctuation.

    Programs replace other characters of file names (HMDB51 has ``!``, ``#``, ``(``) by ``_``.
    """
    first = {_PUNCTUATION.sub("_", clip): clip for clip in heads[0].clips if clip not in shared}
    for head in heads[1:]:
        alone = {_PUNCTUATION.sub("_", clip): clip for clip in head.clips if clip not in shared}
        alike = [plain for plain in alone if plain in first and first[plain] != alone[plain]]
        if alike:
            one, other = first[alike[0]], alone[alike[0]]
            raise InputError(
                f"the names of {len(alike)} clips of {heads[0].model} {heads[0].head} and "
                f"{head.model} {head.head} differ only in punctuation, such as {printable(one)!r} "
                f"and {printable(other)!r}; needed: the same names"
            )


def _agreed(met: list[Answers]) -> list[Answers]:
    """Heads on the same clips; raises InputError if they disagree on a label."""
    first = met[0]
    for head in met:
        differs = np.flatnonzero(head.labels != first.labels)
        if differs.size:
            at = differs[0]
            raise InputError(
                f"the label of {first.clips[at]} is {head.classes[head.labels[at]]} for "
                f"{head.model} {head.head} and {first.classes[first.labels[at]]} for "
                f"{first.model} {first.head}; needed: the same label"
            )
    return met


def heads_by_role(predictions: Predictions) -> dict[str, HeadKey | None]:
    """Choose a head for each role by name; of several candidates, the most accurate one.

    A network with a head ``spatiotemporal`` fuses features. One with ``average`` but without
    ``spatiotemporal`` uses late fusion. Single streams come from networks without feature fusion,
    if possible.
    """
    heads = predictions.heads
    fusing = {model for model, head in heads if head == "spatiotemporal"}

    def best(pairs: list[HeadKey]) -> HeadKey | None:
        return max(pairs, key=lambda pair: heads[pair].right.mean(), default=None)

    def stream(name: str) -> HeadKey | None:
        alone = [p for p in heads if p[1] == name and p[0] not in fusing]
        return best(alone) or best([p for p in heads if p[1] == name])

    ends = [p for p in heads if p[0] in fusing and p[1] == "average"]
    whole = {model for model, _ in ends}
    ends += [p for p in heads if p[1] == "spatiotemporal" and p[0] not in whole]
    late = best([p for p in heads if p[1] == "average" and p[0] not in fusing])
    first = next(iter(heads))
    return {
        "spatial": stream("spatial") or first,
        "temporal": stream("temporal") or first,
        "fused": best(ends) or late or first,
        "late": late if best(ends) else None,
    }
