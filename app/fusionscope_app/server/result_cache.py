"""Result cache of bounded size. Compute once; concurrent callers wait."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from cachetools import LRUCache

from fusionscope.base.records import InputError, Progress, no_progress, size_in_bytes
from fusionscope_app.server.work_queue import PATIENCE, Turns

Made = TypeVar("Made")


class _Making:
    """One attempt to compute a result; its thread holds the lock."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.refused = ""  # the InputError's message, for the callers that waited


class Shelf:
    """A cache of results with a limit in bytes; the least recently used are removed first."""

    def __init__(self, room: int, turns: Turns) -> None:
        self._held: LRUCache[Hashable, Any] = LRUCache(room, getsizeof=size_in_bytes)
        self._makers: dict[Hashable, _Making] = {}
        self._door = threading.Lock()
        self._turns = turns

    def __contains__(self, key: Hashable) -> bool:
        with self._door:
            return key in self._held

    def get(
        self,
        key: Hashable,
        make: Callable[[], Made],
        waiting: Progress = no_progress,
        long: bool = False,
    ) -> Made:
        """Return the result of a key; compute it with ``make`` once, while other callers wait.

        If ``make`` raises InputError, the waiting callers raise the same error without another
        attempt. If it fails otherwise or is cancelled, the next waiting caller computes it.

        Args:
            waiting: called regularly with the reason for the wait; an exception from it ends the
                wait.
            long: it may take minutes; it then waits only for other long work.
        """
        if not self._turns.taken_here:
            self._await(key, waiting)
        with self._door:
            if key in self._held:
                return self._held[key]
        with self._turns.taken(long, waiting):
            with self._door:
                making = self._makers.setdefault(key, _Making())
            with making.lock:
                return self._made(key, make, making)

    def _made(self, key: Hashable, make: Callable[[], Made], making: _Making) -> Made:
        """Compute the result, unless another thread has done so or has raised InputError."""
        with self._door:
            if key in self._held:
                return self._held[key]
        if making.refused:
            raise InputError(making.refused)
        try:
            made = make()
            with self._door, suppress(ValueError):  # larger than the cache: returned, not kept
                self._held[key] = made
        except InputError as problem:
            making.refused = str(problem)
            raise
        finally:
            with self._door:
                if self._makers.get(key) is making:
                    del self._makers[key]
        return made

    def _await(self, key: Hashable, waiting: Progress) -> None:
        """If another thread is computing this result, wait until it ends.

        Raises:
            InputError: the other thread raised it.
        """
        with self._door:
            making = None if key in self._held else self._makers.get(key)
        if making is None:
            return
        while not making.lock.acquire(timeout=PATIENCE):
            waiting("Waiting for the same analysis, started by another visitor", 0.0)
        making.lock.release()
        if making.refused:
            raise InputError(making.refused)

    @contextmanager
    def turn(self, waiting: Progress) -> Iterator[None]:
        """Wait for a turn of the queue for long work and hold it, for work that is not cached."""
        with self._turns.taken(True, waiting):
            yield

    def forget(self, part: Hashable) -> None:
        """Remove all results with this part in their keys: a clip's digest, a network's card."""
        with self._door:
            for key in [key for key in self._held if isinstance(key, tuple) and part in key]:
                del self._held[key]
