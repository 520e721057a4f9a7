"""Film process: decode a long video in the child process as a stream of bounded size.

The child is that of ``decoder_process``, with its limits on memory and files. Instead of the
duration of a whole film, ``timeout`` limits the wait for the next frames; the child's processor
time and the number of frames are limited too. The child waits while nobody takes its frames, so
that memory does not grow with the film.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from io import BufferedReader
from pathlib import Path
from queue import Empty, Full, Queue
from subprocess import TimeoutExpired
from threading import Event, Thread
from typing import Any, cast

import numpy as np

from fusionscope.base.records import InputError, Progress
from fusionscope.video.reading import decoder_process
from fusionscope.video.reading.decoder_process import HEADER, LINE, cause, is_valid, send
from fusionscope.video.reading.frame_times import FILM_FRAMES
from fusionscope.video.reading.spare_process import SPARE

CPU = 7200.0  # seconds of processor time for one film, at most
BLOCK = 30  # frames that are passed on together
WAITING = 2  # blocks that wait to be taken, at most
_TICK = 0.05  # seconds between two looks at a waiting thread


def film_blocks(
    path: Path, start: float | None, seconds: float, name: str, timeout: float, progress: Progress
) -> Iterator[Mapping[str, Any] | np.ndarray]:
    """Yield the file's ``HEADER``, then its frames in blocks (n, H, W, 3) uint8.

    The child has ended when the iterator is exhausted, closed or has raised. There may be fewer
    frames than announced.

    Args:
        start: seconds; None: 0.
        seconds: of the film that are read, at most an hour.
        timeout: seconds of waiting for the next block, after which the child is killed.
        progress: called while waiting; an exception that it raises also kills the child.
    """
    process = SPARE.taken(decoder_process.CHILD)
    if process.stdout is None:
        raise ValueError("expected a pipe from the child, got none")
    request = {"task": "film", "path": str(path), "start": start, "seconds": seconds}
    send(process, {**request, "cpu": CPU})
    reader = _FilmReader(cast(BufferedReader, process.stdout))
    reader.start()
    try:
        while (part := _next(reader, name, timeout, progress)) is not None:
            yield part
        with suppress(TimeoutExpired):
            process.wait(0.5)  # it may exit a little after its last output
        status = process.poll()
        if reader.garbled or status is None:
            raise InputError(
                f"{name} made the decoder fail (bad output); an undamaged file is needed"
            )
        if status:
            raise InputError(
                f"{name} made the decoder fail ({cause(status)}); an undamaged file is needed"
            )
    finally:
        process.kill()
        process.wait()
        reader.stopped.set()
        reader.join()
        process.stdout.close()
        SPARE.prepare(decoder_process.CHILD)


def _next(
    reader: _FilmReader, name: str, timeout: float, progress: Progress
) -> Mapping[str, Any] | np.ndarray | None:
    """The next part of the child's output; None at its end."""
    end = time.monotonic() + timeout
    while True:
        with suppress(Empty):
            part = reader.parts.get(timeout=_TICK)
            if isinstance(part, str):
                raise InputError(f"{name} {part}")
            return part
        progress("decode", reader.done)
        if time.monotonic() > end:
            raise InputError(
                f"{name} took more than {timeout:g} s to decode the next frames; use a smaller "
                "video"
            )


class _FilmReader(Thread):
    """Read the output of one child: a header, at most the announced frames, a refusal, or None."""

    def __init__(self, pipe: BufferedReader) -> None:
        super().__init__(daemon=True)
        self.pipe = pipe
        self.parts: Queue[Mapping[str, Any] | np.ndarray | str | None] = Queue(WAITING)
        self.stopped = Event()
        self.done = 0.0  # fraction of the announced frames that came
        self.garbled = False

    def run(self) -> None:
        try:
            self._read()
        except (ValueError, RecursionError):
            self.garbled = True
        self._pass_on(None)

    def _pass_on(self, part: Mapping[str, Any] | np.ndarray | str | None) -> bool:
        """Wait until there is room for a part; False if nobody takes it any more."""
        while not self.stopped.is_set():
            with suppress(Full):
                self.parts.put(part, timeout=_TICK)
                return True
        return False

    def _read(self) -> None:
        text = self.pipe.readline(LINE)
        if not text:
            return  # it ended before it said anything: its exit status tells why
        fields = json.loads(text)
        if not isinstance(fields, dict):
            raise ValueError("expected a JSON object")
        if set(fields) == {"error"} and str(fields["error"]).isprintable():
            self._pass_on(str(fields["error"]))
            return
        if not is_valid(fields, HEADER, FILM_FRAMES):
            raise ValueError(f"expected {HEADER}, got {fields}")
        if self._pass_on(fields) and self._read_frames(fields) and self.pipe.read(1):
            raise ValueError("expected the end of the output")

    def _read_frames(self, fields: Mapping[str, Any]) -> bool:
        """Pass on all frames; False if nobody takes them or the output ended early."""
        count, shape = fields["frames"], (fields["height"], fields["width"], 3)
        size = shape[0] * shape[1] * 3
        for first in range(0, count, BLOCK):
            wanted = min(BLOCK, count - first)
            frames = np.empty((wanted, *shape), np.uint8)
            room, got = frames.data.cast("B"), 0
            while got < len(room) and (more := self.pipe.readinto1(room[got:])):
                got += more
            if got % size:
                raise ValueError(f"expected whole frames of {size} bytes, got {got} bytes")
            whole = got // size
            self.done = (first + whole) / count
            if whole and not self._pass_on(frames[:whole]):
                return False
            if whole < wanted:
                return False
        return True
