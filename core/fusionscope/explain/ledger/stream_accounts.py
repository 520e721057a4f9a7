"""Stream accounts: four ways to divide a score between the streams, and why they differ.

All start from the same four passes. They differ in what they do with the interaction of the
streams: the ledger keeps it apart, the Shapley value gives half of it to each stream, integrated
gradients divide it along a path, and the Shapley values of the chunks, which remove one stream's
chunks while the other stream stays, give all of it to both.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from fusionscope.base.numbers import adding_up, places_of


@dataclass(frozen=True)
class Account:
    """One way to divide a score: start + appearance + motion + rest = score, as shown."""

    name: str
    start: float
    appearance: float
    motion: float
    rest: float
    score: float
    why: str  # what the rest is, and what happens to the interaction
    places: int


def accounts(terms: Sequence[float], gradients: tuple[float, float] | None = None) -> list[Account]:
    """Divide a score in four ways.

    Args:
        terms: baseline, appearance, motion, interaction of the score.
        gradients: the sums of the integrated gradients' maps, appearance and motion; None if they
            have not been computed for this score.
    """
    base, appearance, motion, both = terms
    score = math.fsum(terms)
    places = places_of(*terms, score)
    found = [
        _account("Ledger", (base, appearance, motion, both), places, "the interaction, kept apart"),
        _account(
            "Shapley values of the streams",
            (base, appearance + both / 2, motion + both / 2, 0.0),
            places,
            "nothing: each stream receives half of the interaction",
        ),
    ]
    if gradients is not None:
        one, other = gradients
        found.append(
            _account(
                "Integrated gradients",
                (base, one, other, score - base - one - other),
                places,
                "the completeness gap; the path from the baseline divides the interaction",
            )
        )
    found.append(
        _account(
            "Shapley values of the chunks, summed",
            (base, appearance + both, motion + both, -both),
            places,
            "the interaction, taken off once: either stream is removed while the other stays, so "
            "both receive all of it",
        )
    )
    return found


def _account(name: str, parts: tuple[float, ...], places: int, why: str) -> Account:
    start, appearance, motion, rest = adding_up(parts, places)
    score = round(math.fsum((start, appearance, motion, rest)), places) + 0.0
    return Account(name, start, appearance, motion, rest, score, why, places)
