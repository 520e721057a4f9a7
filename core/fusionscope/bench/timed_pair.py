"""Timed pair: two implementations with the same result, timed alternately, and their ratio."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

SAME = 1e-4  # largest difference of two results, relative to the largest value

Made = TypeVar("Made")
Way = Callable[[], np.ndarray]
Compare = Callable[[Any, Any], None]


@dataclass(frozen=True)
class TimedPair:
    """Two implementations with the same result, with equally many measurements."""

    what: str
    ours: tuple[float, ...]  # seconds; bytes for a measure of memory
    theirs: tuple[float, ...]
    gap: float | None  # difference of their results, relative to the largest; None: not compared

    @property
    def ratio(self) -> float:
        """Speed-up of ours: theirs divided by ours, median over repetitions."""
        return statistics.median(b / a for a, b in zip(self.ours, self.theirs, strict=True))

    @property
    def cost(self) -> float:
        """Cost of ours: ours divided by theirs, median over repetitions."""
        return statistics.median(a / b for a, b in zip(self.ours, self.theirs, strict=True))


@dataclass(frozen=True)
class Aim:
    """Target for a measure's ratio."""

    limit: float
    most: bool  # True: an upper limit of the cost; False: a lower limit of the speed-up

    def of(self, pairs: Sequence[TimedPair]) -> float | None:
        """Ratio of the worst pair; None if nothing could be measured."""
        if not pairs:
            return None
        return max(p.cost for p in pairs) if self.most else min(p.ratio for p in pairs)

    def met(self, ratio: float | None) -> bool:
        """Whether the target is met; False if nothing was measured."""
        if ratio is None:
            return False
        return ratio <= self.limit if self.most else ratio >= self.limit

    def __str__(self) -> str:
        return f"{'at most' if self.most else 'at least'} {self.limit:g}"


def paired(
    what: str, ours: Way, theirs: Way, repeats: int, before: Callable[[], None] = lambda: None
) -> TimedPair:
    """Time two implementations alternately, and compare their results.

    Args:
        before: called before each repetition; not timed.

    Raises:
        ValueError: their results differ.
    """
    gap = 0.0

    def compare(one: np.ndarray, other: np.ndarray) -> None:
        nonlocal gap
        gap = max(gap, apart(one, other))

    seconds = in_turn(ours, theirs, repeats, compare, before)
    if gap > SAME:
        raise ValueError(f"{what}: expected the same numbers, got a gap of {gap:.1e}")
    return TimedPair(what, *seconds, gap)


def in_turn(
    ours: Callable[[], Made],
    theirs: Callable[[], Made],
    repeats: int,
    then: Compare | None = None,
    before: Callable[[], None] = lambda: None,
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Time two implementations alternately; return the seconds of each.

    Args:
        then: called with both results.
        before: called before each repetition; not timed.
    """
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(repeats):
        before()
        made = []
        for way, taken in zip((ours, theirs), seconds, strict=True):
            started = time.perf_counter()
            made.append(way())
            taken.append(time.perf_counter() - started)
        if then is not None:
            then(*made)
    return tuple(seconds[0]), tuple(seconds[1])


def apart(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Largest difference, relative to the largest value of the second array."""
    if ours.shape != theirs.shape:
        raise ValueError(f"expected numbers of one shape, got {ours.shape} and {theirs.shape}")
    if (ours == theirs).all():
        return 0.0
    return float(np.abs(ours.astype(float) - theirs).max() / (np.abs(theirs).max() or 1.0))
