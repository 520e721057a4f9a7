"""Frame times: resample a file's irregular time stamps to a constant frame rate.

The rule. A clip has one frame rate, so each of its frames belongs to a moment; the question is
which stamps are jitter, to be removed, and which are real.

1. Stamps are put in order; the frames stay in the order in which they are decoded.
2. Frames that follow each other evenly (within a fifth of the gap) keep that rate, each once.
3. Else frames are laid on the grid that explains their stamps best (``frame_slots``): one slot a
   frame, and empty slots where a frame is held. Jitter, equal stamps and stamps out of order cost
   no frame and double none, at up to about a slot of jitter. Dropped frames, still pictures and
   changes of speed (30 to 60 frames/s) are real: the grid has the rate of the fastest sustained
   part, and slower parts hold their frames, so that motion stays where it was.
4. A grid faster than 30 slots/s is thinned in even steps (60 to 30, 50 to 25): only this loses
   frames. Rates up to 10 % above 30 lose single frames instead.
5. The last frame is held as long as the file says, if that is clearly longer than a slot.
6. A window begins with the frame shown at its start. A clip ends after 20 s.
7. A film has the rate of its first 20 s. If they are not even, later frames keep their stamps.

This file decodes nothing and opens no file; times are seconds from the start of the video file.
The decoder's child process imports this file, so it imports the standard library only.
"""

from __future__ import annotations

import heapq
import math
from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import NamedTuple, TypeVar

from fusionscope.video.reading.frame_slots import laid

FPS = 30.0  # frames per second, at most
SECONDS = 20.0  # of video per clip, at most
FRAMES = 600  # FPS * SECONDS: per clip, at most
FILM_SECONDS = 3600.0  # of video per film, at most; its frames are passed on as a stream
FILM_FRAMES = 108_000  # FPS * FILM_SECONDS: per film, at most
ROUNDING = 1e-3  # seconds, tolerance of a duration
JITTER = 0.2  # of a gap; an even file has no more
ABOVE = 0.1  # share by which a file may be faster than a clip before it is thinned
AHEAD = 2  # frames decoded before one is shown, in case stamps are out of order

Picture = TypeVar("Picture")


class Refusal(Exception):
    """A file cannot be used: what was found and what is needed, to follow the file's name."""


class Mark(NamedTuple):
    """Timing of one packet, known before it is decoded."""

    place: int  # index of the packet
    time: float  # seconds
    duration: float  # seconds, 0 if unknown
    key: bool  # key frame: decoding can start here


@dataclass(frozen=True)
class Scan:
    """Frame times from ``start`` on, read from the packets of a file."""

    times: Sequence[float]  # of the frames, in display order, to a little past the window
    end: float  # end of the last of these frames; 0 if unknown
    skip: int | None  # packets before the key frame needed for ``start``; None: no such key frame
    total: float | None  # duration of the file, if it continues after these frames
    first: float | None = None  # seconds; the file's first frame, if it is not in ``times``


def scan(marks: Iterable[Mark], start: float | None, declared: float) -> Scan:
    """Read marks up to one second past the window, or to their end.

    ``declared`` is the duration in the file's header; if 0, all marks are read to find it.
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
    """Frame spacing in a file, and frame rate of the clip read from it."""

    shown: Sequence[float]  # seconds; when each frame is shown: ``Scan.times`` without jitter
    gap: float  # seconds between frames in the file, where it is fastest
    rate: float  # frames per second in the clip
    end: float  # seconds; end of the last frame
    length: float  # seconds, duration of the whole file


def pace(scan: Scan, rates: Sequence[float], tick: float) -> Pace:
    """Find the pace of a scan; ``rates`` are those in the file's header, ``tick`` its time unit."""
    times = scan.times
    if len(set(times)) < 2:
        raise Refusal(_without_motion(times, scan.first))
    fps = _steady_rate(times, rates, tick)
    if fps:
        shown, gap = times, 1 / fps
        end = times[0] + (round((times[-1] - times[0]) * fps) + 1) * gap
    else:
        grid = laid(times, rates, tick)
        shown, fps, gap = grid.times, grid.rate, 1 / grid.rate
        jitter = fmean(map(abs, grid.distances(times))) * fps
        held = max(0.0, scan.end - times[-1]) * fps
        end = shown[-1] + gap * (held if held >= 1.5 + 4 * jitter else 1)
    # 50 frames/s become 25, not 30, so that the motion between frames stays even
    rate = min(FPS, fps / max(1, math.ceil(fps / FPS - ABOVE)))
    return Pace(shown, gap, rate, end, scan.total or end - shown[0])


def _without_motion(times: Sequence[float], first: float | None) -> str:
    """Explain why no two frames have different times."""
    if not times:
        return "contains no frames; motion needs at least 2"
    where = "" if first in (None, times[0]) else f" from {times[0]:.2f} s on"
    if len(times) > 1 or first == times[0]:
        return f"shows all its frames{where} at the same time; motion needs 2 different times"
    return f"contains only 1 frame{where}; motion needs at least 2"


def _steady_rate(times: Sequence[float], rates: Sequence[float], tick: float) -> float | None:
    """The rate at which frames follow each other evenly: declared, with little jitter, or not."""
    count = len(times) - 1
    measured = count / (times[-1] - times[0])
    declared = [(rate, min(JITTER, 1.1 * tick * rate + 0.02)) for rate in rates]
    for rate, loose in (*declared, *((rate, JITTER) for rate in (*rates, measured))):
        if all(abs((time - times[0]) * rate - i) <= loose for i, time in enumerate(times)):
            near = (r for r in rates if abs(count * (r / rate - 1)) <= 2 * JITTER)
            return next(near, rate) if loose == JITTER else rate
    return None


@dataclass(frozen=True)
class Grid:
    """Output times ``origin + i * step``; each shows the newest frame up to that time."""

    origin: float  # seconds
    step: float  # seconds
    count: int
    slack: float  # seconds that a frame may be late, as time stamps are rounded
    hold: float  # seconds for which the last frame is shown


def grid(pace: Pace, start: float, seconds: float = SECONDS, end: float | None = None) -> Grid:
    """Output times of a window of at most so many seconds that starts at ``start``.

    Args:
        end: seconds, the end of the file, if it continues after the scanned frames.
    """
    times = pace.shown
    passed = math.floor((start - times[0]) / pace.gap + 0.1)
    origin = times[0] + max(0, passed) * pace.gap
    last = max(pace.end, end or 0.0)
    count = math.ceil(min(last - origin, seconds) * pace.rate - 0.01)
    return Grid(origin, 1 / pace.rate, count, pace.gap / 2, pace.end - times[-1])


def even(
    frames: Iterable[tuple[float, Picture]], scan: Scan, pace: Pace
) -> Iterator[tuple[float, Picture]]:
    """Give decoded frames, in display order, the times at which they are shown."""
    is_even = pace.shown is scan.times
    stamps: list[float] = []  # a heap
    waiting = deque[Picture]()
    last = -1  # number of the last frame

    def next_shown() -> tuple[float, Picture]:
        nonlocal last
        stamp = heapq.heappop(stamps)
        if is_even:
            return stamp, waiting.popleft()
        last = max(last + 1, bisect_left(scan.times, stamp - ROUNDING / 2))
        return pace.shown[last] if last < len(scan.times) else stamp, waiting.popleft()

    for stamp, frame in frames:
        heapq.heappush(stamps, stamp)
        waiting.append(frame)
        if len(waiting) > AHEAD:
            yield next_shown()
    while waiting:
        yield next_shown()


def runs(frames: Iterable[tuple[float, Picture]], grid: Grid) -> Iterator[tuple[Picture, int]]:
    """Select the frames shown on the grid, each with its number of consecutive output times.

    ``frames`` are pairs of time in seconds and frame, in order.
    """
    origin, done, held = grid.origin, 0, None
    last = -math.inf

    def moments_before(time: float) -> int:
        passed = math.ceil((time - grid.slack - origin) / grid.step - 1e-6)
        return max(0, min(passed, grid.count) - done)

    for time, frame in frames:
        if held is None:
            origin = origin if time <= origin + grid.slack else time  # the first may be late
        elif count := moments_before(time):
            yield held, count
            done += count
        if done >= grid.count:
            return
        held, last = frame, time
    if held is not None and (count := moments_before(last + grid.hold)):
        yield held, count
