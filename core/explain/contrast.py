"""Contrast: what two networks say of one clip, and what in them differs, in words and numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from core.card import Card
from core.explain.ledger import BOTH, TERMS, Passes
from core.explain.measures import top
from core.explain.words import SILENT
from core.nets.kinship import Kinship


@dataclass(frozen=True)
class Row:
    """One term of a score in both ledgers; None where a network does not know the class."""

    term: str
    first: float | None
    second: float | None

    @property
    def difference(self) -> float | None:
        """The first's less the second's."""
        if self.first is None or self.second is None:
            return None
        return self.first - self.second


def short_titles(first: Card, second: Card) -> tuple[str, str]:
    """Both titles without what stands before a comma in both."""
    (world, _, one), (other_world, _, other) = (
        card.title.partition(", ") for card in (first, second)
    )
    if world == other_world and one and other and one != other:
        return one, other
    if first.title == second.title:
        return first.name, second.name
    return first.title, second.title


def verdict(first: Passes, second: Passes, titles: tuple[str, str], expected: str = "") -> str:
    """What either says, whether that differs, and which is right where that is known."""
    if not (first.taught and second.taught):
        (one, other) = (_alone(passes, expected) for passes in (first, second))
        return f"A, {titles[0]}: {one}. B, {titles[1]}: {other}."
    (one, sure), (other, certain) = (
        top(passes.logits[passes.deciding][BOTH], passes.labels)[0] for passes in (first, second)
    )
    told = expected in first.labels and expected in second.labels
    if set(first.labels) == set(second.labels) and one == other:
        right = ", rightly" if one == expected else ", wrongly" if told else ""
        truth = f" It is *{expected}*." if right == ", wrongly" else ""
        return (
            f"Both say *{one}*{right}: A, {titles[0]}, with {sure:.2f}; "
            f"B, {titles[1]}, with {certain:.2f}.{truth}"
        )
    if set(first.labels) != set(second.labels):
        end = "they do not name the same classes."
    elif not told:
        end = "they differ."
    elif expected in (one, other):
        end = f"they differ, and {'A' if one == expected else 'B'} is right."
    else:
        end = f"they differ, and neither is right: it is *{expected}*."
    return (
        f"A, {titles[0]}, says *{one}* ({sure:.2f}); "
        f"B, {titles[1]}, says *{other}* ({certain:.2f}): {end}"
    )


def _alone(passes: Passes, expected: str) -> str:
    """What one network says, where the other says nothing."""
    if not passes.taught:
        return SILENT
    label, sure = top(passes.logits[passes.deciding][BOTH], passes.labels)[0]
    right = ", rightly" if label == expected else ", wrongly" if expected in passes.labels else ""
    return f"says *{label}* ({sure:.2f}){right}"


def ledger_rows(first: Passes, second: Passes, label: str) -> list[Row]:
    """The score of one class, split for both, term by term; the score itself last."""
    one, other = (
        passes.ledger(passes.deciding, label) if label in passes.labels else None
        for passes in (first, second)
    )
    return [
        Row(
            "score" if term == "logit" else term,
            getattr(one, term, None),
            getattr(other, term, None),
        )
        for term in (*TERMS, "logit")
    ]


def relation(first: Card, second: Card, kin: Kinship) -> str:
    """What the two networks have in common, and what differs between them."""
    if kin.towers:
        upto = " and ".join(dict.fromkeys((kin.spatial, kin.temporal)))
        differing = "; ".join(_differences(first, second)) or "only the weights"
        return (
            f"Both stand on the same towers, weight for weight up to {upto}: what differs is "
            f"{differing}. The layers behind were trained for each."
        )
    same = [
        f"the same {stream} tower, weight for weight up to {stage}"
        for stream, stage in (("spatial", kin.spatial), ("temporal", kin.temporal))
        if stage
    ]
    if same:
        common = f"Both have {' and '.join(same)}."
    elif (first.spatial and second.spatial) or (first.temporal and second.temporal):
        common = "Their towers are not the same."
    else:
        common = "They have no stream in common."
    return f"{common} A {_sees(first)}; B {_sees(second)}."


def _sees(card: Card) -> str:
    if card.spatial and card.temporal:
        return f"sees appearance and motion (fusion: {_fusion(card)})"
    return f"sees {'appearance' if card.spatial else 'motion'} only"


def _fusion(card: Card) -> str:
    if not card.places:
        return "none, their predictions are averaged"
    return f"{card.fusion} at {' and '.join(card.places)}"


_TOLD: Mapping[str, Callable[[Card], str]] = MappingProxyType(
    {
        "the fusion": _fusion,
        "the pooling over chunks": lambda card: card.pool,
        "a head of the temporal stream's own": lambda card: (
            "kept" if card.keep_temporal else "none"
        ),
        "the fusion's first weights": lambda card: card.start or "the operator's own",
        "what is seen of a clip": lambda card: f"{card.chunks} chunks of {card.stack} fields",
        "the size it is seen at": lambda card: f"{card.size} pixels",
        "the flow": lambda card: card.flow,
    }
)


def _differences(first: Card, second: Card) -> list[str]:
    """What the cards say differently of all but the towers."""
    return [
        f"{what} (A: {words(first)}; B: {words(second)})"
        for what, words in _TOLD.items()
        if words(first) != words(second)
    ]
