"""Decoder: the child process that decodes one untrusted video file to raw frames.

``decoder_process`` runs it isolated, and without torch or OpenCV, so that it starts quickly. Its
input is one JSON object: ``task`` ("describe", "decode", "sample" or "film"), its arguments, and
``cpu`` (seconds). On empty input it exits. It writes one JSON line to standard output, a pipe: the
fields of a ``Probe``; or ``frames``, ``height``, ``width``, ``fps``, ``seconds`` (of the file) and
``hdr`` (PQ, HLG or empty), followed by at most that many raw (H, W, 3) uint8 RGB frames; or
``error``, a sentence without its subject, the file's name.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import sys
from bisect import bisect_left
from collections.abc import Iterator
from itertools import chain, islice, repeat
from typing import Any

from av.error import FFmpegError

from fusionscope.video.reading import frame_times
from fusionscope.video.reading.frame_times import Refusal
from fusionscope.video.reading.rgb_frames import RgbConverter
from fusionscope.video.reading.video_file import open_video

try:
    import resource
except ImportError:  # not available on Windows; the parent's timeout still applies
    resource = None

MEMORY = 3 << 30  # bytes of address space: 17 frames of 10-bit 8K take 1.7 GB, Python 0.2 GB
OPEN_FILES = 32


def confine(cpu: float) -> None:
    """Limit this process permanently: memory, ``cpu`` seconds, open files; it can write no file."""
    if resource is None:
        return
    for kind, limit in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, math.ceil(cpu)),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # already lower, or unsupported by macOS
            resource.setrlimit(kind, (limit, limit))


def describe(path: str) -> Iterator[bytes]:
    """Yield one JSON line: the fields of a ``Probe``."""
    source, scan = open_video(path, None)
    pace = frame_times.pace(scan, source.rates, source.tick)
    yield _line(
        seconds=pace.length,
        fps=1 / pace.gap,
        width=source.width,
        height=source.height,
        codec=source.codec_name,
        frames=round(pace.length / pace.gap) if scan.total else len(scan.times),
        needs_window=pace.length > frame_times.SECONDS + frame_times.ROUNDING,
    )


def decode(
    path: str,
    start: float | None,
    seconds: float = frame_times.SECONDS,
    enlarge: bool = True,
) -> Iterator[bytes]:
    """Yield one JSON line, then frames: at most ``seconds``, 20 or fewer, from ``start`` on."""
    return _decoded(path, start, min(seconds, frame_times.SECONDS), enlarge)


def sample(path: str, seconds: float, frames: int) -> Iterator[bytes]:
    """Yield one JSON line, then at most so many frames, evenly from the first ``seconds``."""
    return _decoded(path, 0.0, min(seconds, frame_times.SECONDS), most=frames)


def film(path: str, start: float | None, seconds: float) -> Iterator[bytes]:
    """As ``decode``, for at most an hour; only a few frames are in memory at a time."""
    return _decoded(path, start, min(seconds, frame_times.FILM_SECONDS))


def _decoded(
    path: str,
    start: float | None,
    seconds: float,
    enlarge: bool = True,
    most: int | None = None,
) -> Iterator[bytes]:
    source, scan = open_video(path, start)
    last = max([scan.end, *scan.times[-1:]])
    lasts = last > frame_times.ROUNDING  # for a file of zero length, ``pace`` raises the error
    if start is not None and lasts and scan.total is None and start > last - frame_times.ROUNDING:
        raise Refusal(f"lasts {last:.2f} s; a window must start before that, not at {start:g} s")
    pace = frame_times.pace(scan, source.rates, source.tick)
    grid = frame_times.grid(pace, start or 0.0, seconds, scan.total)
    count = grid.count
    shown = min(count, most or count)
    wanted = [at * count // shown for at in range(shown)]  # output times of the frames to give
    frames = frame_times.even(source.frames(scan.skip or 0), scan, pace)
    runs = frame_times.runs(frames, grid)
    first = list(islice(runs, 2))
    if len(first) < 2:
        found = "only 1 frame" if first else "no frames"
        where = "" if start is None else f" from {start:g} s on"
        raise Refusal(f"contains {found}{where}; motion needs at least 2")
    painter = RgbConverter(source.wide, first[0][0], enlarge)
    width, height = painter.shown
    yield _line(
        frames=shown,
        height=height,
        width=width,
        fps=pace.rate * (shown / count),
        seconds=float(scan.total or pace.end),
        hdr=painter.hdr,
    )
    passed = given = 0
    for frame, times in chain(first, runs):
        passed += times
        due = bisect_left(wanted, passed)
        if due > given:
            yield from repeat(painter.paint(frame), due - given)
            given = due


def _line(**fields: Any) -> bytes:
    return json.dumps(fields).encode() + b"\n"


def main() -> None:
    """Handle one request and exit: status 0, or 1 if decoding failed after output had begun."""
    text = sys.stdin.buffer.read()
    if not text:  # the parent has ended, or does not need this process
        return
    request = json.loads(text)
    task = {"describe": describe, "decode": decode, "sample": sample, "film": film}[
        request.pop("task")
    ]
    confine(request.pop("cpu"))
    status = _write(task(**request))
    sys.stdout.buffer.flush()
    os._exit(status)  # skip the clean-up, which takes as long as decoding a second of video


def _write(parts: Iterator[bytes]) -> int:
    out = sys.stdout.buffer
    started = False
    try:
        for part in parts:
            out.write(part)
            started = True
    except Refusal as refusal:
        error = str(refusal)
    except MemoryError:
        error = f"needs more than {MEMORY >> 30} GiB of memory to decode; use a smaller video"
    except FFmpegError:
        error = "contains no readable video; mp4, webm, mov, avi or gif is needed"
    else:
        return 0
    if started:
        return 1
    out.write(_line(error=error))
    return 0


if __name__ == "__main__":
    main()
