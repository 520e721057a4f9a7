"""Two networks on one clip: their predictions and how the networks differ, in words and numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from fusionscope.base.numbers import class_name, difference
from fusionscope.card import Card
from fusionscope.explain.ledger.ledger import TERMS, Passes
from fusionscope.explain.ledger.sentence import (
    NO_BETTER,
    UNTRAINED,
    Prediction,
    ledger_places,
    predicted,
    shown_ledger,
)
from fusionscope.nets.same_weights import SharedWeights


@dataclass(frozen=True)
class Row:
    """One term of a score in both ledgers; None if a network does not have the class."""

    term: str
    first: float | None
    second: float | None
    places: int = 1  # decimals of both numbers as shown

    @property
    def difference(self) -> float | None:
        """First minus second, as shown."""
        if self.first is None or self.second is None:
            return None
        return difference(self.first, self.second, self.places)


def short_titles(first: Card, second: Card) -> tuple[str, str]:
    """Both titles without the part before the comma if it is the same."""
    (world, _, one), (other_world, _, other) = (
        card.title.partition(", ") for card in (first, second)
    )
    if world == other_world and one and other and one != other:
        return one, other
    if first.title == second.title:
        return first.name, second.name
    return first.title, second.title


def verdict(first: Passes, second: Passes, titles: tuple[str, str], expected: str = "") -> str:
    """Both predictions, whether they differ, and which is correct if the true class is known."""
    if not (first.taught and second.taught):
        (one, other) = (_alone(passes, expected) for passes in (first, second))
        return f"A, {titles[0]}: {one}. B, {titles[1]}: {other}."
    one, other = predicted(first), predicted(second)
    told = expected in first.labels and expected in second.labels
    truth = f"the true class is *{class_name(expected)}*"
    if set(first.labels) == set(second.labels) and one.label == other.label:
        right = ", correct" if one.label == expected else ", incorrect" if told else ""
        end = f" T{truth[1:]}." if right == ", incorrect" else ""
        return (
            f"Both predict *{class_name(one.label)}*{right}: A, {titles[0]}, with {_with(one)}; "
            f"B, {titles[1]}, with {_with(other)}.{end}"
        )
    if set(first.labels) != set(second.labels):
        end = "their classes are not the same."
    elif not told:
        end = "they differ."
    elif expected in (one.label, other.label):
        letter, winner = ("A", one) if one.label == expected else ("B", other)
        end = f"they differ, and {letter} is correct"
        end += f", though {NO_BETTER}." if winner.guess else "."
    else:
        end = f"they differ, and neither is correct: {truth}."
    return f"A, {titles[0]}, predicts {one.words}; B, {titles[1]}, predicts {other.words}: {end}"


def _with(found: Prediction) -> str:
    return f"{found.p:.2f}" + (f" ({NO_BETTER})" if found.guess else "")


def _alone(passes: Passes, expected: str) -> str:
    """One network's prediction, where the other network has an untrained classifier."""
    if not passes.taught:
        return UNTRAINED
    found, right = predicted(passes), ""
    if expected in passes.labels:
        right = ", correct" if found.label == expected else ", incorrect"
    return f"predicts {found.words}{right}"


def ledger_rows(first: Passes, second: Passes, label: str) -> list[Row]:
    """The terms of one class's score for both networks, as shown; the score itself is last."""
    ledgers = [
        passes.ledger(passes.deciding, label) if label in passes.labels else None
        for passes in (first, second)
    ]
    places = ledger_places(*(ledger for ledger in ledgers if ledger))
    one, other = (shown_ledger(ledger, places) if ledger else {} for ledger in ledgers)
    return [Row(term, one.get(term), other.get(term), places) for term in (*TERMS, "score")]


def relation(first: Card, second: Card, kin: SharedWeights) -> str:
    """What the two networks share and how they differ."""
    if kin.towers:
        upto = " and ".join(dict.fromkeys((kin.spatial, kin.temporal)))
        differing = "; ".join(_differences(first, second)) or "only the weights"
        return (
            f"Both use the same towers, with identical weights up to {upto}; they differ in "
            f"{differing}. The later layers were trained separately."
        )
    same = [
        f"the same {stream} tower, with identical weights up to {stage}"
        for stream, stage in (("spatial", kin.spatial), ("temporal", kin.temporal))
        if stage
    ]
    if same:
        common = f"Both use {' and '.join(same)}."
    elif (first.spatial and second.spatial) or (first.temporal and second.temporal):
        common = "Their towers differ."
    else:
        common = "They have no stream in common."
    return f"{common} A {_sees(first)}; B {_sees(second)}."


def _sees(card: Card) -> str:
    if len(card.streams) == 1:
        return f"uses {'appearance' if card.spatial else 'motion'} only"
    return f"uses appearance and motion (fusion: {_fusion(card)})"


def no_lens(card: Card) -> str:
    """Why there is no fused cell of a network to inspect."""
    choose = "Choose a network that fuses at a layer to open the fusion lens."
    if len(card.streams) == 1:
        only = "appearance" if card.spatial else "motion"
        return f"This network has one stream, {only}: there is nothing to fuse. {choose}"
    if card.places:
        return (
            f"This network fuses its streams ({_fusion(card)}), but its adapter offers no operator "
            "(attribute `fusions`), so the fusion lens cannot show what a fused cell is made of."
        )
    return (
        f"This network fuses no feature maps: the predictions of its streams are averaged. {choose}"
    )


def _fusion(card: Card) -> str:
    if not card.places:
        return "none, their predictions are averaged"
    return f"{card.fusion} at {' and '.join(card.places)}"


_TOLD: Mapping[str, Callable[[Card], str]] = MappingProxyType(
    {
        "the fusion": _fusion,
        "the pooling over chunks": lambda card: card.pool,
        "a head of the temporal stream": lambda card: "kept" if card.keep_temporal else "none",
        "the initialisation of the fusion": lambda card: card.start or "the operator's default",
        "the sampling": lambda card: f"{card.chunks} chunks of {card.stack} flow fields",
        "the input size": lambda card: f"{card.size} pixels",
        "the flow method": lambda card: card.flow,
    }
)


def _differences(first: Card, second: Card) -> list[str]:
    """The differences of the cards, towers aside."""
    return [
        f"{what} (A: {words(first)}; B: {words(second)})"
        for what, words in _TOLD.items()
        if words(first) != words(second)
    ]
