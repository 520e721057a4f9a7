"""Child: the process that decodes, and all that its parent believes of what it says.

A file is hostile until proven otherwise, and so is a process that has read it: it gets no shell, no
input but the request, next to no environment, limits (``core/video/decode.py``) and here a clock.
Whatever becomes of it, it is gone when these functions return or raise: every file has a process of
its own. On a server the next one is started ahead (``keep_one_ready``), which saves its start.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import IO, Any

import numpy as np

from core.records import InputError, Progress, silent
from core.video.ahead import AHEAD
from core.video.painter import SIDE
from core.video.source import ASPECT
from core.video.timing import FPS, FRAMES

RUN = "import sys; sys.path.insert(0, sys.argv.pop(1)); from core.video.decode import main; main()"
CHILD = (sys.executable, "-I", "-B", "-c", RUN, str(Path(__file__).parents[2]))
GRACE = 5.0  # seconds of work that the child has beyond its time: if we die, it ends by itself
LINE = 4096  # bytes, at most, of what comes before the frames
DESCRIPTION = {
    **{"seconds": float, "fps": float, "width": int, "height": int, "frames": int},
    **{"codec": str, "needs_window": bool},
}
HEADER = {"frames": int, "height": int, "width": int, "fps": float}


def describe(path: Path, name: str, timeout: float) -> Mapping[str, Any]:
    """What the child says of a file, by the keys of ``DESCRIPTION``."""
    return _ask({"task": "describe", "path": str(path)}, DESCRIPTION, name, timeout, silent).said


def decode(
    path: Path, start: float | None, name: str, timeout: float, progress: Progress
) -> tuple[np.ndarray, float]:
    """Frames (N, H, W, 3) uint8, of which there may be none, and how many a second.

    Args:
        start: seconds; where a window begins. None: the whole file.
        name: how errors speak of the file.
        timeout: seconds after which the child is ended.
        progress: what it raises ends the child too.
    """
    request = {"task": "decode", "path": str(path), "start": start}
    answer = _ask(request, HEADER, name, timeout, progress)
    return answer.frames, answer.said["fps"]


def _ask(
    request: Mapping[str, Any],
    expected: Mapping[str, type],
    name: str,
    timeout: float,
    progress: Progress,
) -> _Reader:
    process = AHEAD.taken(CHILD)
    pipe = process.stdout
    if pipe is None:
        raise ValueError("expected a pipe from the child, got none")
    _send(process, {**request, "cpu": timeout + GRACE})
    reader = _Reader(pipe, expected)
    end = time.monotonic() + timeout
    late = False
    try:
        reader.start()
        while reader.is_alive() and not late:
            reader.join(0.05)
            progress("decode", reader.done)
            late = time.monotonic() > end
        with suppress(subprocess.TimeoutExpired):
            process.wait(0 if late else 0.5)  # its end may come a little after its words
        status = process.poll()
    finally:
        process.kill()
        process.wait()
        reader.join()
        pipe.close()
        AHEAD.prepare(CHILD)
    if late:
        needed = "a shorter or smaller one is needed"
        raise InputError(f"{name} took more than {timeout:g} s to decode; {needed}")
    if reader.error:
        raise InputError(f"{name} {reader.error}")
    if status:
        raise InputError(
            f"{name} made the decoder stop ({_cause(status)}); an undamaged file is needed"
        )
    if reader.garbled or status is None:
        raise InputError(f"{name} made the decoder talk nonsense; an undamaged file is needed")
    return reader


def keep_one_ready() -> None:
    """From now on have the next child started before it is asked: a server that will need it."""
    AHEAD.want(CHILD)


def _send(process: subprocess.Popen[bytes], request: Mapping[str, Any]) -> None:
    """Ask; of a child that is gone already, its status will tell."""
    if process.stdin is None:
        raise ValueError("expected a pipe to the child, got none")
    with suppress(OSError):
        process.stdin.write(json.dumps(request).encode())
    with suppress(OSError):
        process.stdin.close()


def _cause(status: int) -> str:
    with suppress(ValueError):
        return signal.Signals(-status).name
    return f"status {status}"


class _Reader(Thread):
    """Reads one answer, never more than it announced, which is never more than a clip may hold."""

    def __init__(self, pipe: IO[bytes], expected: Mapping[str, type]) -> None:
        super().__init__(daemon=True)
        self.pipe, self.expected = pipe, expected
        self.said: Mapping[str, Any] = {}
        self.error = ""
        self.frames = np.empty((0, SIDE, SIDE, 3), np.uint8)
        self.done = 0.0  # part of the frames that has come
        self.garbled = False

    def run(self) -> None:
        try:
            self._read()
        except (ValueError, RecursionError):
            self.garbled = True

    def _read(self) -> None:
        said = json.loads(self.pipe.readline(LINE))
        if not isinstance(said, dict):
            raise ValueError("expected an object")
        if set(said) == {"error"} and str(said["error"]).isprintable():
            self.error = str(said["error"])
        elif not _is_believable(said, self.expected):
            raise ValueError(f"expected {self.expected}, got {said}")
        elif self.expected is HEADER:
            self._read_frames(said["frames"], said["height"], said["width"])
        if self.pipe.read(1):
            raise ValueError("expected the end")
        self.said = said

    def _read_frames(self, count: int, height: int, width: int) -> None:
        frames = np.empty((count, height, width, 3), np.uint8)
        room, got, size = frames.data.cast("B"), 0, height * width * 3
        while got < len(room) and (more := self.pipe.readinto1(room[got:])):  # type: ignore[attr-defined]
            got += more
            self.done = got / len(room)
        if got % size:
            raise ValueError(f"expected whole frames of {size} bytes, got {got}")
        self.frames = frames if got == len(room) else frames[: got // size].copy()


def _is_believable(said: Mapping[str, Any], expected: Mapping[str, type]) -> bool:
    if {key: type(value) for key, value in said.items()} != expected:
        return False
    numbers = [value for value in said.values() if not isinstance(value, str)]
    if not all(0 <= n < 1e12 for n in numbers):
        return False
    if expected is DESCRIPTION:
        return said["codec"].isalnum()
    short, long = sorted((said["height"], said["width"]))
    inside = short == SIDE and long <= SIDE * ASPECT and long % 2 == 0
    return inside and 2 <= said["frames"] <= FRAMES and 0 < said["fps"] <= FPS
