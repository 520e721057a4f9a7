"""Sprite maker: make sprites in the background, one after the other, the newest request first.

A visitor who scrolls wants what is in view now, so requests that have waited longest are dropped
when there are too many; the browser repeats those that it still needs.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future

from cachetools import LRUCache

from fusionscope.base.out_of_memory import memory_errors_as_input_errors
from fusionscope.base.records import InputError
from fusionscope.video.sprite_cache import SpriteCache

_WAITING = 64  # requests
_REFUSED = 4096  # unreadable clips remembered
_IDLE = 30.0  # seconds without a request, after which the thread ends

Job = tuple[Callable[[], bytes], Future[bytes]]


class SpriteMaker:
    """Makes each sprite once, in one thread, and stores it in a cache."""

    def __init__(self, cache: SpriteCache) -> None:
        self.cache = cache
        self._jobs: OrderedDict[str, Job] = OrderedDict()  # the newest last
        self._making: dict[str, Future[bytes]] = {}
        self._refused: LRUCache[str, str] = LRUCache(_REFUSED)
        self._changed = threading.Condition()
        self._runs = False

    def wanted(self, key: str, make: Callable[[], bytes]) -> Future[bytes]:
        """A sprite's future: its bytes, or the InputError of its clip; cancelled if dropped.

        Args:
            key: names the sprite in the cache.
            make: makes it; runs in the maker's thread.
        """
        future: Future[bytes] = Future()
        with self._changed:
            if key in self._refused:
                future.set_exception(InputError(self._refused[key]))
                return future
            if key in self._making:
                return self._making[key]
            if key in self._jobs:
                self._jobs.move_to_end(key)
                return self._jobs[key][1]
            self._jobs[key] = make, future
            if len(self._jobs) > _WAITING:
                self._jobs.popitem(last=False)[1][1].cancel()
            if not self._runs:
                self._runs = True
                threading.Thread(target=self._work, daemon=True, name="fusionscope-sprites").start()
            self._changed.notify()
        return future

    def _work(self) -> None:
        while True:
            with self._changed:
                if not self._jobs and not self._changed.wait_for(lambda: self._jobs, _IDLE):
                    self._runs = False
                    return
                key, (make, future) = self._jobs.popitem()
                if not future.set_running_or_notify_cancel():
                    continue
                self._making[key] = future
            try:
                with memory_errors_as_input_errors():
                    sprite = make()
                self.cache.put(key, sprite)
                future.set_result(sprite)
            except InputError as problem:
                with self._changed:
                    self._refused[key] = str(problem)
                future.set_exception(problem)
            except Exception as problem:  # a bug: whoever waits raises it, and the thread goes on
                future.set_exception(problem)
            finally:
                with self._changed:
                    self._making.pop(key, None)
