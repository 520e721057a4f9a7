"""Film job: run a network along a film in a thread of its own, while pages show what is done."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from fusionscope.base.out_of_memory import memory_errors_as_input_errors
from fusionscope.base.records import InputError
from fusionscope_app.server.result_cache import Shelf

if TYPE_CHECKING:
    from fusionscope.analysis.windows.window import Window
    from fusionscope.nets.network import Network


class _Cancelled(Exception):
    """Raised in the thread to end the work."""


class FilmJob:
    """The windows of a film, as they come.

    ``start`` continues after the last window that is done. Windows are only appended, so that a
    page may read them while the thread runs.
    """

    def __init__(
        self, network: Network, path: Path, name: str, seconds: float, step: float, shelf: Shelf
    ) -> None:
        self.network, self.path, self.name, self.step = network, path, name, step
        self.seconds = seconds  # of the whole film
        self.windows: list[Window] = []
        self.notes: tuple[str, ...] = ()
        self.error = ""
        self.waiting = ""  # why it has not begun
        self.done = 0.0  # share of the film
        self.complete = False
        self.stopped = threading.Event()
        self._shelf = shelf
        self._begun = (0.0, 0.0)  # time, and share done, when the running thread started its work
        self._thread: threading.Thread | None = None

    @property
    def running(self) -> bool:
        """Whether the thread is alive."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def seconds_left(self) -> float | None:
        """Estimate of the remaining time; None before anything is done."""
        begun, from_share = self._begun
        if self.done <= from_share:
            return None
        return (time.monotonic() - begun) * (1 - self.done) / (self.done - from_share)

    def start(self) -> None:
        """Begin or continue; nothing if it runs or is complete."""
        if self.running or self.complete:
            return
        self.stopped.clear()
        self.error = ""
        self._thread = threading.Thread(target=self._work, daemon=True, name="fusionscope-film")
        self._thread.start()

    def cancel(self) -> None:
        """End the work soon; the windows that are done stay."""
        self.stopped.set()

    def _work(self) -> None:
        try:
            with memory_errors_as_input_errors(), self._shelf.turn(self._queued):
                self._along_film()
            self.complete = True
        except _Cancelled:
            pass
        except InputError as problem:
            self.error = str(problem)
        finally:
            self.waiting = ""

    def _along_film(self) -> None:
        from fusionscope.analysis.windows.film_windows import film_windows

        self.waiting = ""
        start = 0.0
        if self.windows:
            last = self.windows[-1]
            start = last.start + self.step
            if start + last.end - last.start > self.seconds:  # no other window fits
                return
        before = min(1.0, start / self.seconds)
        self._begun = time.monotonic(), before

        def progress(stage: str, done: float) -> None:
            if self.stopped.is_set():
                raise _Cancelled
            if stage == "film":
                self.done = before + (1 - before) * done

        found = film_windows(self.network, self.path, self.step, start, self.name, progress)
        if not self.windows:
            self.notes = found.film.notes
        for window in found:
            self.windows.append(window)
            if self.stopped.is_set():
                raise _Cancelled

    def _queued(self, stage: str, done: float) -> None:  # noqa: ARG002
        if self.stopped.is_set():
            raise _Cancelled
        self.waiting = stage
