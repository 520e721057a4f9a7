"""Windows: how well each fusion operator can know whose move it is, by where the streams meet.

Assume that every channel of either stream marks one thing (a ball, a move) in the cells where it
is. Then an operator at relu5, followed by pool5's maximum over windows of 3x3 cells, can know:

* **sum**, **conv**: whether ball and move are in one *cell*. A sum is 2 where two channels meet and
  at most 1 elsewhere, and the maximum over a window keeps the 2: sum and max pooling compute *and*
  if channels line up. Conv lines them up by its weights.
* **bilinear**: the same: it multiplies channels in each cell, and adds up the products.
* **concatenation**: whether both are in one *window*. The maxima of the two streams are taken apart
  from each other, so what the classifier compares has lost the cell.
* **max**: no more than concatenation, since max(max over cells of a, max over cells of m) is the
  maximum over cells of max(a, m): the cell in which the larger one lies is lost. It computes no
  *and* by itself. But it knows as much as concatenation with half of the channels for each stream
  (a_d = 0 or m_d = 0 in each channel).
* conv at **fc6**: as concatenation, as far as fc6 keeps the windows apart.

How much a window loses is a matter of the world: it cannot tell the balls apart if both touch the
same windows in every scene of a half. ``ceiling_where`` counts that. On Toybox it is rare: the
ceiling is 49.9 % instead of 50.0 %. So **Toybox cannot separate these operators by what they can
know**, only by how easily they learn it. The same holds for *where* to fuse: balls are larger than
a cell of any stage, so that relu2 to relu5, and fc6 nearly, have one ceiling. What Toybox proves is
that features have to be fused, not scores, and that order needs a filter over time.

This is an argument, not a proof: relu5's receptive field is larger than the picture, so a tower can
mark the position within a window too, at the price of channels.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from fractions import Fraction

import numpy as np

from fusionscope.data.toybox.ceilings import contents
from fusionscope.data.toybox.world import HALVES, SIDE, ToyPlan

_GRID = 6  # cells of relu5 along a side; pool5's windows are 3 cells wide, 2 apart
_EDGES = (0, 25, 41, 57, 73, 89, 112)  # of the cells, in pixels of the 112 that a network sees
_SEEN = 112
_SHARE = 0.3  # of a cell's 16 x 16 pixels that a ball must cover
_FINE = 2  # pixels between the points at which a ball is looked for


def cells_of(plan: ToyPlan) -> np.ndarray:
    """The cells that each ball covers at each scene's middle, (5, 2, 6, 6) bool."""
    at = (np.arange(_SEEN // _FINE) + 0.5) * _FINE * SIDE / _SEEN
    found = np.zeros((len(plan.scenes), 2, _GRID, _GRID), bool)
    for scene, legs in enumerate(plan.scenes):
        inside = []
        for leg in legs:
            across, down = (_around(at - middle) for middle in (leg.x, leg.y))
            inside.append(down[:, None] ** 2 + across**2 < plan.radius**2)
        front = plan.front[scene]
        inside[1 - front] &= ~inside[front]
        for ball in (0, 1):
            starts = np.array(_EDGES[:-1]) // _FINE
            sums = np.add.reduceat(np.add.reduceat(inside[ball].astype(int), starts, 0), starts, 1)
            found[scene, ball] = sums * _FINE**2 > _SHARE * 16**2
    return found


def _around(distance: np.ndarray) -> np.ndarray:
    """Distances in a world that wraps around."""
    return (distance + SIDE / 2) % SIDE - SIDE / 2


def in_windows(cells: np.ndarray) -> np.ndarray:
    """The windows of pool5 that contain a marked cell: (..., 6, 6) -> (..., 2, 2)."""
    rows = np.stack([cells[..., k : k + 3, :].any(-2) for k in (0, 2)], axis=-2)
    return np.stack([rows[..., k : k + 3].any(-1) for k in (0, 2)], axis=-1)


def halves_told(plan: ToyPlan, windows: bool) -> tuple[bool, bool]:
    """For each half, whether one of its scenes shows the balls in different cells or windows."""
    cells = cells_of(plan)
    places = in_windows(cells) if windows else cells[..., :5, :5]  # those that pool5 sees
    apart = [not np.array_equal(*scene) for scene in places]
    first, second = (
        any(told for told, half in zip(apart, HALVES, strict=True) if half == at) for at in (0, 1)
    )
    return first, second


def ceiling_where(plans: Iterable[ToyPlan], windows: bool, ordered: bool = False) -> float:
    """Best accuracy if whose move it is shows only by cells, or by windows.

    Where a half does not tell the balls apart, only its two moves are known.

    Args:
        ordered: the order of the halves is known, too.
    """
    told = Counter(sum(halves_told(plan, windows)) for plan in plans)
    share = {count: float(_ceiling(count, ordered)) for count in told}
    return sum(share[count] * number for count, number in told.items()) / told.total()


def _ceiling(told: int, ordered: bool) -> Fraction:
    """The ceiling where this number of halves tell whose move is whose."""
    arrangements = {0: [(False, False)], 1: [(True, False), (False, True)], 2: [(True, True)]}[told]
    weights: dict[Hashable, dict[tuple[str, str], Fraction]] = defaultdict(
        lambda: defaultdict(Fraction)
    )
    for content, p in contents().items():
        (first, _), (second, _) = content
        for flags in arrangements:
            halves = [
                half if whose else frozenset(half)
                for half, whose in zip(content, flags, strict=True)
            ]
            known: Hashable = tuple(halves) if ordered else frozenset(halves)
            weights[known][first, second] += p / len(arrangements)
    return sum((max(labels.values()) for labels in weights.values()), Fraction(0))
