"""Visits: when pages run, so that work in the background waits for a pause."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Visits:
    """The page runs of all visitors."""

    def __init__(self) -> None:
        self._running: list[float] = []  # when each began
        self._ended = time.monotonic()
        self._changed = threading.Condition()

    @contextmanager
    def page_run(self) -> Iterator[None]:
        """Count a run of a page for as long as it lasts."""
        began = time.monotonic()
        with self._changed:
            self._running.append(began)
        try:
            yield
        finally:
            with self._changed:
                self._running.remove(began)
                self._ended = time.monotonic()
                self._changed.notify_all()

    @property
    def running(self) -> int:
        """How many pages run now."""
        return len(self._running)

    def wait_while_running(self, longest: float) -> None:
        """Return once no page runs, but for those that have run for longer than ``longest``."""
        with self._changed:
            while self._running:
                left = max(self._running) + longest - time.monotonic()
                if left <= 0:
                    return
                self._changed.wait(left)

    def wait_for_pause(self, seconds: float, patience: float) -> None:
        """Return once no page has run for ``seconds``, or after ``patience`` seconds."""
        end = time.monotonic() + patience
        with self._changed:
            while (now := time.monotonic()) < end:
                left = seconds if self._running else self._ended + seconds - now
                if left <= 0:
                    return
                self._changed.wait(min(left, end - now))


VISITS = Visits()
