"""Shelf: results within a bounded number of bytes, each made once however many ask for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from contextlib import suppress
from typing import Any, TypeVar

from cachetools import LRUCache

from app.turns import PATIENCE, Turns
from core.records import InputError, Progress, silent, size_in_bytes

Made = TypeVar("Made")


class _Making:
    """One try to make a thing: who is at it holds the lock."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.refused = ""  # why it cannot be made, for those who waited


class Shelf:
    """Results within a bounded number of bytes, the longest unused first to go."""

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
        waiting: Progress = silent,
        long: bool = False,
    ) -> Made:
        """What ``make`` made for this key, once; who comes meanwhile waits for it.

        If it is refused (InputError), those who waited are told so and do not try in turn; if it
        fails otherwise, or was given up, the next of them tries.

        Args:
            waiting: told, again and again, what is waited for; what it raises ends the wait.
            long: it may take minutes, and waits its turn among others like it.
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
        """Make it, unless another has, or was refused."""
        with self._door:
            if key in self._held:
                return self._held[key]
        if making.refused:
            raise InputError(making.refused)
        try:
            made = make()
            with self._door, suppress(ValueError):  # larger than the whole shelf: shown, not kept
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
        """Where somebody is making it already, wait for the end of that.

        Raises:
            InputError: it was refused.
        """
        with self._door:
            making = None if key in self._held else self._makers.get(key)
        if making is None:
            return
        while not making.lock.acquire(timeout=PATIENCE):
            waiting("Waiting for the same, which another visitor asked for", 0.0)
        making.lock.release()
        if making.refused:
            raise InputError(making.refused)

    def forget(self, digest: str) -> None:
        """Let go of all that was made of a clip: its digest stands in the keys of that."""
        with self._door:
            for key in [key for key in self._held if isinstance(key, tuple) and digest in key]:
                del self._held[key]
