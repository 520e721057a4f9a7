"""Turns: how much is worked on at once, and who waits knows how many are before him."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from core.records import Progress, silent

PATIENCE = 0.25  # seconds between two words to who waits


class Turns:
    """Two lanes, so that no quick work waits for long work; in each the first to come is served.

    A thread that has a turn goes straight through when it asks for another.
    """

    def __init__(self, quick: int, long: int) -> None:
        self._most = {False: max(1, quick), True: max(1, long)}
        self._lines: dict[bool, list[object]] = {False: [], True: []}
        self._moved = threading.Condition()
        self._here = threading.local()

    @property
    def taken_here(self) -> bool:
        """Has this thread a turn?"""
        return getattr(self._here, "taken", False)

    @contextmanager
    def taken(self, long: bool = False, waiting: Progress = silent) -> Iterator[None]:
        """Wait for a turn and have it; what ``waiting`` raises gives the place in the line up."""
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
        """How many must end before it is one's turn; looked at again after a while."""
        with self._moved:
            ahead = self._lines[long].index(me) - self._most[long] + 1
            if ahead > 0:
                self._moved.wait(PATIENCE)
                ahead = self._lines[long].index(me) - self._most[long] + 1
            return max(0, ahead)


def turns_of_machine() -> Turns:
    """As many at once as there are cores; of long ones half as many."""
    cores = os.cpu_count() or 1
    return Turns(cores, cores // 2)


def _words(before: int) -> str:
    return f"Waiting: {before} {'analysis' if before == 1 else 'analyses'} before this one"
