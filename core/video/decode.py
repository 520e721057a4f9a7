"""Decoder: the child process that turns one untrusted video file into raw frames.

``core/video/child.py`` runs it, apart from all else and without torch or OpenCV, so that it starts
at once. Its input is one JSON object: ``task`` ("describe" or "decode") and what that takes, and
``cpu`` (seconds); without one it ends. It answers on standard output, a pipe, with one JSON line:
what a ``Probe`` holds; or ``frames``, ``height``, ``width``, ``fps``, then at most that many raw
(H, W, 3) uint8 RGB frames; or ``error``, the rest of a sentence that begins with the file's name.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import sys
from collections.abc import Iterator
from itertools import chain, islice, repeat
from typing import Any

from av.error import FFmpegError

from core.video import timing
from core.video.painter import Painter
from core.video.source import opened
from core.video.timing import Refusal

try:
    import resource
except ImportError:  # Windows has none; the parent's clock still holds
    resource = None

MEMORY = 3 << 30  # bytes of address space: 17 pictures of 10-bit 8K take 1.7 GB, Python 0.2 GB
OPEN_FILES = 32


def confine(cpu: float) -> None:
    """Limit what this process may take for good: memory, ``cpu`` seconds, files; it writes none."""
    if resource is None:
        return
    for kind, limit in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, math.ceil(cpu)),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # it was lower already, or macOS has none
            resource.setrlimit(kind, (limit, limit))


def describe(path: str) -> Iterator[bytes]:
    """One line: what a ``Probe`` holds."""
    source, scan = opened(path, None)
    pace = timing.pace(scan, source.rates, source.tick)
    yield _line(
        seconds=pace.length,
        fps=1 / pace.gap,
        width=source.width,
        height=source.height,
        codec=source.codec_name,
        frames=round(pace.length / pace.gap) if scan.total else len(scan.times),
        needs_window=pace.length > timing.SECONDS + timing.ROUNDING,
    )


def decode(path: str, start: float | None) -> Iterator[bytes]:
    """One line, then frames, of the whole file or of a window that starts at ``start`` seconds."""
    source, scan = opened(path, start)
    last = max([scan.end, *scan.times[-1:]])
    lasts = last > timing.ROUNDING  # what is of no length has no window; its pace says why
    if start is not None and lasts and scan.total is None and start > last - timing.ROUNDING:
        raise Refusal(f"lasts {last:.2f} s; a window must start before that, not at {start:g} s")
    pace = timing.pace(scan, source.rates, source.tick)
    grid = timing.grid(scan, pace, start)
    runs = timing.runs(source.frames(scan.skip or 0), grid)
    first = list(islice(runs, 2))
    if len(first) < 2:
        found = "one frame" if first else "no frame"
        where = "" if start is None else f" from {start:g} s on"
        raise Refusal(f"gives {found}{where}; motion needs at least 2")
    painter = Painter(source.wide, first[0][0])
    width, height = painter.shown
    yield _line(frames=grid.count, height=height, width=width, fps=pace.rate)
    for frame, times in chain(first, runs):
        yield from repeat(painter.paint(frame), times)


def _line(**said: Any) -> bytes:
    return json.dumps(said).encode() + b"\n"


def main() -> None:
    """Answer one request and end: status 0, or 1 if frames had to stop before their end."""
    asked = sys.stdin.buffer.read()
    if not asked:  # whoever might have asked is gone, or has no need of us
        return
    request = json.loads(asked)
    task = {"describe": describe, "decode": decode}[request.pop("task")]
    confine(request.pop("cpu"))
    status = _answer(task(**request))
    sys.stdout.buffer.flush()
    os._exit(status)  # to clear up would take as long as to decode a second of video


def _answer(parts: Iterator[bytes]) -> int:
    out = sys.stdout.buffer
    begun = False
    try:
        for part in parts:
            out.write(part)
            begun = True
    except Refusal as refusal:
        error = str(refusal)
    except MemoryError:
        error = f"needs more than {MEMORY >> 30} GiB of memory to decode; a smaller one is needed"
    except FFmpegError:
        error = "holds no video that can be read; mp4, webm, mov, avi or gif is needed"
    else:
        return 0
    if begun:
        return 1
    out.write(_line(error=error))
    return 0


if __name__ == "__main__":
    main()
