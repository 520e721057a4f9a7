"""Work queue: limit concurrent analyses; tell waiting visitors their position."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from fusionscope.base.records import Progress, no_progress

PATIENCE = 0.25  # seconds between two messages to a waiting visitor


class Turns:
    """Two queues, first come first served, so that quick work does not wait for long work.

    A thread that has a turn does not wait for a second one.
    """

    def __init__(self, quick: int, long: int) -> None:
        self._most = {False: max(1, quick), True: max(1, long)}
        self._lines: dict[bool, list[object]] = {False: [], True: []}
        self._moved = threading.Condition()
        self._here = threading.local()

    @property
    def taken_here(self) -> bool:
        """Whether this thread has a turn."""
        return getattr(self._here, "taken", False)

    @contextmanager
    def taken(self, long: bool = False, waiting: Progress = no_progress) -> Iterator[None]:
        """Wait for a turn and hold it; an exception from ``waiting`` leaves the queue."""
        if self.taken_here:
            yield
            return
        line, me = self._lines[long], object()
        with self._moved:
            line.append(me)
        try:
            while before := self._before(me, long):
                waiting(_words(before), 0.0)
            self._here.taken = True
            yield
        finally:
            self._here.taken = False
            with self._moved:
                line.remove(me)
                self._moved.notify_all()

    def _before(self, me: object, long: bool) -> int:
        """How many analyses must end before this turn, after a short wait if there are any."""
        with self._moved:
            ahead = self._lines[long].index(me) - self._most[long] + 1
            if ahead > 0:
                self._moved.wait(PATIENCE)
                ahead = self._lines[long].index(me) - self._most[long] + 1
            return max(0, ahead)


def turns_of_machine() -> Turns:
    """One turn per core, and half as many for long work."""
    cores = os.cpu_count() or 1
    return Turns(cores, cores // 2)


def _words(before: int) -> str:
    return f"Waiting: {before} {'analysis' if before == 1 else 'analyses'} ahead"
