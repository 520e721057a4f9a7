"""Work: one kind of task on many units, done by any number of processes or machines.

A unit's result depends on the unit alone. So it is the same wherever it is computed, and a unit
whose worker is lost is computed again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Protocol

_AHEAD = 2  # units read in advance while the one before is answered


class Work(Protocol):
    """What is done with each unit, in two halves. It can be pickled."""

    @property
    def on_gpu(self) -> bool:
        """Whether ``answer`` uses a GPU where there is one."""
        ...

    def feed(self, unit: Any, /) -> Any:
        """Read and compute on the CPU what ``answer`` needs."""
        ...

    def answer(self, fed: Any, /) -> Any:
        """Compute the result of a unit."""
        ...


def here(work: Work, units: Sequence[Any]) -> Iterator[tuple[int, Any]]:
    """Do the work in this process, in order, reading in advance in a second thread."""
    with ThreadPoolExecutor(1) as reader:
        waiting: list[tuple[int, Future[Any]]] = []
        coming = enumerate(units)
        try:
            while True:
                for number, unit in coming:
                    waiting.append((number, reader.submit(work.feed, unit)))
                    if len(waiting) > _AHEAD:
                        break
                if not waiting:
                    return
                number, future = waiting.pop(0)
                yield number, work.answer(future.result())
        finally:
            for _, future in waiting:
                future.cancel()
