"""Timing: the uneven clock of a file becomes a constant frame rate.

Nothing is decoded here and no file is read: times come in as seconds from the start of the file.
The decoder's child process imports this file, so it imports the standard library only.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, median_low
from typing import NamedTuple, TypeVar

FPS = 30.0  # frames a second, at most
SECONDS = 20.0  # of video at a time
FRAMES = 600  # FPS * SECONDS: never more in a clip
ROUNDING = 1e-3  # seconds that a length may be off

Picture = TypeVar("Picture")


class Refusal(Exception):
    """What was found and what is needed, for a sentence that begins with the file's name."""


class Mark(NamedTuple):
    """What one packet says before it is decoded."""

    place: int  # among the packets
    time: float  # seconds
    duration: float  # seconds, 0 if unknown
    key: bool  # decoding can begin here


@dataclass(frozen=True)
class Scan:
    """What the packets of a file say of the moments from ``start`` on."""

    times: Sequence[float]  # of the frames, in order of showing, to a little past the window
    end: float  # when the last of them has been shown; 0 if the file does not say
    skip: int | None  # packets before the key frame that ``start`` needs; None: there is none
    total: float | None  # length of the file, where it goes on after these
    first: float | None = None  # seconds; the file's first frame, if it was let go of


def scan(marks: Iterable[Mark], start: float | None, declared: float) -> Scan:
    """Read marks to a second past the window, or to their end.

    ``declared`` is the length the file claims; without one, all is read to learn it.
    """
    times: list[float] = []
    skip, end, total, first = None, 0.0, None, None
    until = (start or 0.0) + SECONDS + 1.0
    for place, time, duration, key in marks:
        if start is not None and key and time <= start:
            skip = place
            first = times[0] if times and first is None else first
            times.clear()
        if time <= until:
            times.append(time)
            end = max(end, time + duration)
        else:
            total, end = max(time, total or 0.0, declared), until
            if total > time:
                break
    return Scan(sorted(times), end, skip, total, first)


@dataclass(frozen=True)
class Pace:
    """How frames follow one another in a file, and how they will in the clip."""

    steady: bool  # they stand evenly, but for rounding and a little jitter
    gap: float  # seconds from frame to frame in the file
    rate: float  # frames a second in the clip
    end: float  # seconds; when the last frame has been shown
    length: float  # seconds, of the whole file


def pace(scan: Scan, rates: Sequence[float], tick: float) -> Pace:
    """The pace of a scan; ``rates`` are what the file declares, ``tick`` its unit of time."""
    times = scan.times
    gaps = [b - a for a, b in pairwise(times) if a < b]
    if not gaps:
        raise Refusal(_without_motion(times, scan.first))
    fps = _steady_rate(times, rates, tick)
    if fps:
        gap = 1 / fps
        # 50 a second become 25 and not 30: flow measures motion from frame to frame
        rate = min(FPS, fps / max(1, math.ceil(fps / FPS - 0.05)))
        end = times[0] + (round((times[-1] - times[0]) * fps) + 1) * gap
    else:
        usual = median_low(gaps)
        gap = fmean(g for g in gaps if abs(g / usual - 1) < 0.1)
        rate = min(FPS, next((r for r in rates if abs(r * gap - 1) < 0.01), 1 / gap))
        end = max(scan.end, times[-1] + gap)
    return Pace(fps is not None, gap, rate, end, scan.total or end - times[0])


def _without_motion(times: Sequence[float], first: float | None) -> str:
    """What is found where no two frames have two moments."""
    if not times:
        return "has no frame; motion needs at least 2"
    where = "" if first in (None, times[0]) else f" from {times[0]:.2f} s on"
    if len(times) > 1 or first == times[0]:
        return f"shows all its frames{where} at one moment; motion needs two moments"
    return f"has one frame{where}; motion needs at least 2"


def _steady_rate(times: Sequence[float], rates: Sequence[float], tick: float) -> float | None:
    measured = (len(times) - 1) / (times[-1] - times[0])
    for rate in (*rates, measured):
        loose = 0.2 if rate == measured else min(0.2, 1.1 * tick * rate + 0.02)
        if all(abs((time - times[0]) * rate - i) <= loose for i, time in enumerate(times)):
            return rate
    return None


@dataclass(frozen=True)
class Grid:
    """The moments ``origin + i * step`` that are given back, each with the newest frame by then."""

    origin: float  # seconds
    step: float  # seconds
    count: int
    slack: float  # seconds by which a frame may be late: time stamps are rounded
    hold: float  # seconds for which the last frame is shown


def grid(scan: Scan, pace: Pace, start: float | None) -> Grid:
    """The moments of a window that starts at ``start``, or of the whole file if it is short."""
    times = scan.times
    if start is None:
        if pace.length > SECONDS + ROUNDING:
            limit = f"at most {SECONDS:g} s are read at a time"
            raise Refusal(f"lasts {pace.length:.2f} s and {limit}: choose a window with start=...")
        origin = times[0]
    elif pace.steady:
        origin = max((t for t in times if t <= start + pace.gap / 10), default=times[0])
    else:
        origin = start
    count = math.ceil(min(pace.end - origin, SECONDS) * pace.rate - 0.01)
    slack = pace.gap / 2 if pace.steady else 0.1 / pace.rate
    return Grid(origin, 1 / pace.rate, count, slack, pace.end - times[-1])


def runs(frames: Iterable[tuple[float, Picture]], grid: Grid) -> Iterator[tuple[Picture, int]]:
    """Frames with their times, in order -> those that are shown, each with for how many moments."""
    origin, done, held = grid.origin, 0, None
    last = -math.inf

    def moments_before(time: float) -> int:
        passed = math.ceil((time - grid.slack - origin) / grid.step - 1e-6)
        return max(0, min(passed, grid.count) - done)

    for time, frame in frames:
        if held is None:
            origin = origin if time <= origin + grid.slack else time  # the first may come late
        elif count := moments_before(time):
            yield held, count
            done += count
        if done >= grid.count:
            return
        held, last = frame, time
    if held is not None and (count := moments_before(last + grid.hold)):
        yield held, count
