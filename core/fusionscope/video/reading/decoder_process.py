"""Decoder process: run the decoder in a child process and validate its output.

A video file is treated as hostile, and so is the process that reads it: no shell, no input except
the request, a minimal environment, resource limits (``decoder_main.confine``) and a timeout. Each
file gets its own process, which has ended when these functions return or raise. A server starts
the next process in advance (``keep_one_ready``) to save its start-up time.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from io import BufferedReader
from pathlib import Path
from threading import Thread
from typing import IO, Any, cast

import numpy as np

from fusionscope.base.records import InputError, Progress, no_progress
from fusionscope.video.reading.frame_times import FPS, FRAMES
from fusionscope.video.reading.limits import ASPECT, HDR, SIDE
from fusionscope.video.reading.spare_process import SPARE

RUN = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); "
    "from fusionscope.video.reading.decoder_main import main; main()"
)
CHILD = (sys.executable, "-I", "-B", "-c", RUN, str(Path(__file__).parents[3]))
GRACE = 5.0  # CPU seconds beyond the timeout, after which the child ends even without a parent
LINE = 4096  # bytes, at most, in the JSON line before the frames
DESCRIPTION = {
    **{"seconds": float, "fps": float, "width": int, "height": int, "frames": int},
    **{"codec": str, "needs_window": bool},
}
HEADER = {"frames": int, "height": int, "width": int, "fps": float, "seconds": float, "hdr": str}


def describe(path: Path, name: str, timeout: float) -> Mapping[str, Any]:
    """Describe a file in the child process: a value for each key of ``DESCRIPTION``."""
    return _run(
        {"task": "describe", "path": str(path)}, DESCRIPTION, name, timeout, no_progress
    ).fields


def decode(
    path: Path,
    start: float | None,
    name: str,
    timeout: float,
    progress: Progress,
    seconds: float | None = None,
    enlarge: bool = True,
) -> tuple[np.ndarray, Mapping[str, Any]]:
    """Decode a file in the child process: frames (N, H, W, 3) uint8, and each ``HEADER``.

    N may be 0, and less than announced.

    Args:
        start: seconds; start of a window of at most 20 s. None: 0.
        name: the file's name in error messages.
        timeout: seconds after which the child is killed.
        progress: an exception that it raises also kills the child.
        seconds: length of the window; None: 20.
        enlarge: whether a short side below ``SIDE`` is scaled up to it.
    """
    request = {"task": "decode", "path": str(path), "start": start}
    request |= {} if seconds is None else {"seconds": seconds}
    request |= {} if enlarge else {"enlarge": False}
    answer = _run(request, HEADER, name, timeout, progress, least=SIDE if enlarge else 2)
    return answer.frames, answer.fields


def sample(
    path: Path, seconds: float, count: int, name: str, timeout: float
) -> tuple[np.ndarray, float]:
    """Decode a few frames in the child process: (N, H, W, 3) uint8, and their rate per second.

    Args:
        seconds: the frames are spread evenly over so much of the file's start.
        count: N at most; 2 or more.
        name: the file's name in error messages.
        timeout: seconds after which the child is killed.
    """
    request = {"task": "sample", "path": str(path), "seconds": seconds, "frames": count}
    answer = _run(request, HEADER, name, timeout, no_progress)
    return answer.frames, answer.fields["fps"]


def _run(
    request: Mapping[str, Any],
    expected: Mapping[str, type],
    name: str,
    timeout: float,
    progress: Progress,
    least: int = 2,
) -> _Reader:
    process = SPARE.taken(CHILD)
    pipe = process.stdout
    if pipe is None:
        raise ValueError("expected a pipe from the child, got none")
    send(process, {**request, "cpu": timeout + GRACE})
    reader = _Reader(pipe, expected, least)
    end = time.monotonic() + timeout
    late = False
    try:
        reader.start()
        while reader.is_alive() and not late:
            reader.join(0.05)
            progress("decode", reader.done)
            late = time.monotonic() > end
        with suppress(subprocess.TimeoutExpired):
            process.wait(0 if late else 0.5)  # it may exit a little after its last output
        status = process.poll()
    finally:
        process.kill()
        process.wait()
        reader.join()
        pipe.close()
        SPARE.prepare(CHILD)
    if late:
        needed = "use a shorter or smaller video"
        raise InputError(f"{name} took more than {timeout:g} s to decode; {needed}")
    if reader.error:
        raise InputError(f"{name} {reader.error}")
    if status:
        raise InputError(
            f"{name} made the decoder fail ({cause(status)}); an undamaged file is needed"
        )
    if reader.garbled or status is None:
        raise _bad_output(name)
    return reader


def _bad_output(name: str) -> InputError:
    return InputError(f"{name} made the decoder fail (bad output); an undamaged file is needed")


def keep_one_ready() -> None:
    """From now on, always start the next child process in advance; for a server."""
    SPARE.want(CHILD)


def send(process: subprocess.Popen[bytes], request: Mapping[str, Any]) -> None:
    """Send the request; a child that has already ended is detected later by its exit status."""
    if process.stdin is None:
        raise ValueError("expected a pipe to the child, got none")
    with suppress(OSError):
        process.stdin.write(json.dumps(request).encode())
    with suppress(OSError):
        process.stdin.close()


def cause(status: int) -> str:
    """How a child ended, for an error message: its signal or its exit status."""
    with suppress(ValueError):
        return signal.Signals(-status).name
    return f"status {status}"


class _Reader(Thread):
    """Read the output of one child: at most the announced size, itself limited to one clip."""

    def __init__(self, pipe: IO[bytes], expected: Mapping[str, type], least: int) -> None:
        super().__init__(daemon=True)
        self.pipe, self.expected = cast(BufferedReader, pipe), expected  # as Popen opens it
        self.least = least  # pixels of the short side
        self.fields: Mapping[str, Any] = {}
        self.error = ""
        self.frames = np.empty((0, SIDE, SIDE, 3), np.uint8)
        self.done = 0.0  # fraction of the frames received
        self.garbled = False

    def run(self) -> None:
        try:
            self._read()
        except (ValueError, RecursionError):
            self.garbled = True

    def _read(self) -> None:
        fields = json.loads(self.pipe.readline(LINE))
        if not isinstance(fields, dict):
            raise ValueError("expected a JSON object")
        if set(fields) == {"error"} and str(fields["error"]).isprintable():
            self.error = str(fields["error"])
        elif not is_valid(fields, self.expected, least=self.least):
            raise ValueError(f"expected {self.expected}, got {fields}")
        elif self.expected is HEADER:
            self._read_frames(fields["frames"], fields["height"], fields["width"])
        if self.pipe.read(1):
            raise ValueError("expected the end of the output")
        self.fields = fields

    def _read_frames(self, count: int, height: int, width: int) -> None:
        frames = np.empty((count, height, width, 3), np.uint8)
        room, got, size = frames.data.cast("B"), 0, height * width * 3
        while got < len(room) and (more := self.pipe.readinto1(room[got:])):
            got += more
            self.done = got / len(room)
        if got % size:
            raise ValueError(f"expected whole frames of {size} bytes, got {got}")
        self.frames = frames if got == len(room) else frames[: got // size].copy()


def is_valid(
    fields: Mapping[str, Any],
    expected: Mapping[str, type],
    most: int = FRAMES,
    least: int = SIDE,
) -> bool:
    """Whether a child's JSON object has the expected fields, and values that a clip can have.

    Args:
        most: frames that may be announced.
        least: pixels of the short side, at least.
    """
    if {key: type(value) for key, value in fields.items()} != expected:
        return False
    numbers = [value for value in fields.values() if not isinstance(value, str)]
    if not all(0 <= n < 1e12 for n in numbers):
        return False
    if expected is DESCRIPTION:
        return fields["codec"].isalnum()
    if fields["hdr"] not in ("", *HDR.values()):
        return False
    short, long = sorted((fields["height"], fields["width"]))
    slack = 2 if short < SIDE else 0  # sides are rounded to even numbers
    inside = least <= short <= SIDE and long <= short * ASPECT + slack and long % 2 == 0
    return inside and 2 <= fields["frames"] <= most and 0 < fields["fps"] <= FPS
