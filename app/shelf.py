"""Shelf: results within a bounded number of bytes, each made once however many ask for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from contextlib import suppress
from typing import Any, TypeVar

from cachetools import LRUCache

from core.records import size_in_bytes

Made = TypeVar("Made")


class Shelf:
    """Results within a bounded number of bytes, the longest unused first to go."""

    def __init__(self, room: int) -> None:
        self._held: LRUCache[Hashable, Any] = LRUCache(room, getsizeof=size_in_bytes)
        self._makers: dict[Hashable, threading.Lock] = {}
        self._door = threading.Lock()

    def __contains__(self, key: Hashable) -> bool:
        with self._door:
            return key in self._held

    def get(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What ``make`` made for this key, once; who comes meanwhile waits for it."""
        with self._door:
            if key in self._held:
                return self._held[key]
            maker = self._makers.setdefault(key, threading.Lock())
        with maker:
            with self._door:
                if key in self._held:
                    return self._held[key]
            made = make()
            with self._door, suppress(ValueError):  # larger than the whole shelf: shown, not kept
                self._held[key] = made
            with self._door:
                self._makers.pop(key, None)
        return made

    def forget(self, digest: str) -> None:
        """Let go of all that was made of a clip: its digest stands in the keys of that."""
        with self._door:
            for key in [key for key in self._held if isinstance(key, tuple) and digest in key]:
                del self._held[key]
