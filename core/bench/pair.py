"""Pair: two ways to one result, timed in turn, and their ratio."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

SAME = 1e-4  # of the largest number: as far as two ways may part

Made = TypeVar("Made")
Way = Callable[[], np.ndarray]
Compare = Callable[[Any, Any], None]


@dataclass(frozen=True)
class Pair:
    """Two ways to one result, each measured as often as the other."""

    what: str
    ours: tuple[float, ...]  # seconds; bytes, where memory is measured
    theirs: tuple[float, ...]
    gap: float | None  # between their numbers, as a share of the largest; None: not to be compared

    @property
    def ratio(self) -> float:
        """How many times faster ours is: the median of the repetitions."""
        return statistics.median(b / a for a, b in zip(self.ours, self.theirs, strict=True))

    @property
    def cost(self) -> float:
        """How many times as much ours takes: the median of the repetitions."""
        return statistics.median(a / b for a, b in zip(self.ours, self.theirs, strict=True))


@dataclass(frozen=True)
class Aim:
    """What a measure's ratio is held to."""

    limit: float
    most: bool  # the ratio is a cost, and the limit the most it may be; else a gain, and the least

    def of(self, pairs: Sequence[Pair]) -> float | None:
        """The ratio of the pair that fares worst; None where nothing could be measured."""
        if not pairs:
            return None
        return max(p.cost for p in pairs) if self.most else min(p.ratio for p in pairs)

    def met(self, ratio: float | None) -> bool:
        """Is it kept? What was not measured keeps none."""
        if ratio is None:
            return False
        return ratio <= self.limit if self.most else ratio >= self.limit

    def __str__(self) -> str:
        return f"{'at most' if self.most else 'at least'} {self.limit:g}"


def paired(
    what: str, ours: Way, theirs: Way, repeats: int, before: Callable[[], None] = lambda: None
) -> Pair:
    """Time two ways to one result, one after the other.

    Args:
        before: called before each repetition, and not timed.

    Raises:
        ValueError: they do not find the same numbers.
    """
    gap = 0.0

    def compare(one: np.ndarray, other: np.ndarray) -> None:
        nonlocal gap
        gap = max(gap, apart(one, other))

    seconds = in_turn(ours, theirs, repeats, compare, before)
    if gap > SAME:
        raise ValueError(f"{what}: expected the same numbers, got a gap of {gap:.1e}")
    return Pair(what, *seconds, gap)


def in_turn(
    ours: Callable[[], Made],
    theirs: Callable[[], Made],
    repeats: int,
    then: Compare | None = None,
    before: Callable[[], None] = lambda: None,
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Seconds of each way, timed one after the other.

    Args:
        then: shown what both made.
        before: called before each repetition, and not timed.
    """
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(repeats):
        before()
        made = []
        for way, taken in zip((ours, theirs), seconds, strict=True):
            begun = time.perf_counter()
            made.append(way())
            taken.append(time.perf_counter() - begun)
        if then is not None:
            then(*made)
    return tuple(seconds[0]), tuple(seconds[1])


def apart(ours: np.ndarray, theirs: np.ndarray) -> float:
    """The largest difference, as a share of the largest number of the second."""
    if ours.shape != theirs.shape:
        raise ValueError(f"expected numbers of one shape, got {ours.shape} and {theirs.shape}")
    if (ours == theirs).all():
        return 0.0
    return float(np.abs(ours.astype(float) - theirs).max() / (np.abs(theirs).max() or 1.0))
