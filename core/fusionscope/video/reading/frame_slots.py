"""Frame slots: lay uneven frame times on a grid, one slot after the other, jitter removed.

A grid has a rate (slots per second) and a phase. Frame i gets slot ``i + s_i``, where the shift
``s_i`` never decreases: it stays the same where the frames follow each other at the grid's rate,
however uneven their stamps, and grows where a frame is held. Several rates are tried. The best is
the one that describes the stamps in the fewest bits (minimum description length): a term for the
distances between stamps and slots, and a term for the pattern of the holds. So a grid too coarse
loses by distance, one too fine loses by pattern, and noise alone explains no hold.

The decoder's child process imports this file, so it imports the standard library only.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import fmean, median, median_low
from typing import NamedTuple

USUAL = (24000 / 1001, 24.0, 25.0, 30000 / 1001, 30.0)  # frames per second of cameras
FASTEST = 250.0  # slots per second, at most
FRAMES = 3000  # at most this many are laid exactly; there are 600 in 20 s of usual video
WINDOWS = (4, 12, 36)  # frames in which the rate is measured: a burst, a part, a longer part
HOLDS = (2.0, 0.4)  # costs of a hold, in slots: rare holds, regular ones
PASSES = 4  # of laying the frames and fitting the grid to them
STILL = 3  # slots; after a step of this length, the phase is measured again
RESOLUTION = 1e-3  # seconds; no stamp is trusted further
STRAY = 1.25  # slots; frames may not be further from their stamps
COARSER = 0.1  # nats per frame for each factor of e in the rate: of equals, the coarser grid
DOUBT = 0.1  # nats per frame by which holds must be better than none


class Laid(NamedTuple):
    """Frames on a grid: frame i is at ``start + slots[i] / rate``."""

    rate: float  # slots per second
    start: float  # seconds
    slots: Sequence[int]  # increasing

    @property
    def times(self) -> list[float]:
        """Time of each frame, seconds."""
        return [self.start + slot / self.rate for slot in self.slots]

    def distances(self, times: Sequence[float]) -> list[float]:
        """How far each stamp is from its slot, in seconds."""
        return [time - own for time, own in zip(times, self.times, strict=True)]


def laid(times: Sequence[float], rates: Sequence[float], tick: float) -> Laid:
    """Lay frames on the grid that explains their stamps best.

    Args:
        times: seconds, in order, not all equal.
        rates: frame rates in the file's header.
        tick: seconds, the unit of the stamps.
    """
    if len(times) > FRAMES:
        rate = min(FASTEST, (len(times) - 1) / (times[-1] - times[0]))
        return Laid(rate, times[0], [round((t - times[0]) * rate) for t in times])
    unit = max(tick / 2, RESOLUTION)
    found, least = None, math.inf
    for rate in _rates(times, rates):
        seen = None
        for hold in HOLDS:
            grid = Laid(rate, times[0], ())
            for _ in range(PASSES):
                slots = _slots(times, grid, hold)
                if slots is None or slots == seen:
                    break
                seen, grid = slots, _fitted(times, slots)
                cost = _nats(times, grid, unit)
                if cost < least and _stray(times, grid) < STRAY:
                    found, least = grid, cost
    once = _fitted(times, range(len(times)))
    fits = _stray(times, once) < STRAY
    if found is None or (fits and _nats(times, once, unit) < least + DOUBT * len(times)):
        found = _named(once, rates, 0.03)
    return _named(_named(found, USUAL, 1e-3), rates, 2e-3)


def _stray(times: Sequence[float], grid: Laid) -> float:
    """The largest distance of a stamp from its slot, in slots; one in 50 stamps is left out."""
    return sorted(map(abs, grid.distances(times)))[-1 - len(times) // 50] * grid.rate


def _named(grid: Laid, rates: Iterable[float], near: float) -> Laid:
    """Replace the measured rate by a known one, if it is near."""
    known = [rate for rate in rates if abs(rate / grid.rate - 1) <= near]
    return grid._replace(rate=min(known, key=lambda r: abs(r / grid.rate - 1))) if known else grid


def _rates(times: Sequence[float], rates: Sequence[float]) -> list[float]:
    """The rates to try, ascending."""
    gaps = [b - a for a, b in pairwise(times) if a < b]
    usual = median_low(gaps)
    found = [
        *rates,
        *USUAL,
        1 / min(gaps),
        1 / fmean(gap for gap in gaps if abs(gap / usual - 1) < 0.1),
    ]
    for count in WINDOWS:
        starts = range(0, len(times) - count, max(1, count // 4))
        parts = [times[n : n + count] for n in starts if times[n] < times[n + count - 1]]
        fitted = sorted(_fitted(part, range(count)).rate for part in parts)
        found += [fitted[-1], fitted[len(fitted) // 2]] if fitted else []
    kept: list[float] = []
    for rate in sorted(rate for rate in found if 0 < rate <= FASTEST):
        if not kept or rate > kept[-1] * 1.0005:
            kept.append(rate)
    return kept


def _fitted(times: Sequence[float], slots: Sequence[int]) -> Laid:
    """The grid whose slots are nearest to the stamps (least squares)."""
    slot, time = fmean(slots), fmean(times)
    spread = sum((k - slot) ** 2 for k in slots)
    gap = sum((k - slot) * (t - time) for k, t in zip(slots, times, strict=True)) / spread
    return Laid(1 / gap, time - slot * gap, slots)


def _slots(times: Sequence[float], grid: Laid, hold: float) -> list[int] | None:
    """The slots with the least sum of distances and costs of holds; None: far too coarse a grid.

    This is the shortest path through all shifts of all frames (Viterbi).
    """
    before: dict[int, float] = {}  # shift of a frame -> least cost so far
    came: list[dict[int, int]] = []  # for each frame: its shift -> the shift of the frame before
    for number, time in enumerate(times):
        place = (time - grid.start) * grid.rate - number
        low = math.floor(place)
        costs: dict[int, float] = {}
        origin: dict[int, int] = {}
        best, least = 0, math.inf
        for shift in sorted({low - 1, low, low + 1, low + 2, *before}):
            same = before.get(shift, math.inf)
            cost = 0.0 if not before else min(same, least + hold)
            if cost < math.inf:
                costs[shift] = cost + abs(place - shift)
                origin[shift] = shift if same <= least + hold else best
            if same < least:
                best, least = shift, same
        bound = min(costs.values()) + hold
        if bound > 2 * (number + 8):
            return None
        before = {shift: cost for shift, cost in costs.items() if cost <= bound}
        came.append(origin)
    shift = min(before, key=before.__getitem__)
    slots = []
    for number in reversed(range(len(times))):
        slots.append(number + shift)
        shift = came[number][shift]
    return slots[::-1]


def _nats(times: Sequence[float], grid: Laid, unit: float) -> float:
    """Length of the description of the stamps by a grid, in nats, up to a constant."""
    count = len(times)
    away = grid.distances(times)
    steps = [b - a for a, b in pairwise(grid.slots)]
    ends = [0, *(n for n, step in enumerate(steps, start=1) if step >= STILL), count]
    parts = [away[a:b] for a, b in pairwise(ends)]
    total = sum(abs(x - middle) for part in parts for middle in [median(part)] for x in part)
    jitter = max(total / count, unit)
    seen = Counter(steps).values()
    pattern = sum(n * math.log(len(steps) / n) for n in seen) + len(seen) * math.log(count)
    phases = len(parts) * (1 + max(0.0, -math.log(jitter * grid.rate)))
    return count * (math.log(jitter) + COARSER * math.log(grid.rate)) + pattern + phases
