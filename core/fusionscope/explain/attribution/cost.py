"""Cost: estimate the time and memory of a slow method, and run it in batches.

A method describes its work as a function of a range of items and their number. Memory per item is
counted while one item runs; time is measured on one batch.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from fusionscope.base.records import Progress

BOUND = 512 * 2**20  # bytes that a batch may allocate, all intermediate maps counted

Run = Callable[[range], Tensor]
"""Range of item indices -> (items, ...) one result per item."""


@dataclass(frozen=True)
class Work:
    """The work of a method."""

    name: str  # as progress reports it
    run: Run
    items: int
    passes: int  # runs of the whole network that would give the same result


@dataclass(frozen=True)
class Cost:
    """Estimated cost."""

    passes: int  # network evaluations, if the whole network ran each time
    seconds: float  # from one timed batch
    bytes: int  # allocated by a batch
    batch: int  # items per batch


@torch.inference_mode()
def cost_of(work: Work) -> Cost:
    """Count the memory of one item, then time one batch."""
    batch, made = _batch(work)
    begun = time.perf_counter()
    work.run(range(batch)).cpu()
    seconds = (time.perf_counter() - begun) * work.items / batch
    return Cost(work.passes, seconds, made * batch, batch)


@torch.inference_mode()
def done(work: Work, progress: Progress) -> Tensor:
    """(items, ...): run all items batch by batch; an exception from ``progress`` stops the work."""
    progress(work.name, 0.0)
    batch, _ = _batch(work)
    found = []
    for first in range(0, work.items, batch):
        last = min(first + batch, work.items)
        found.append(work.run(range(first, last)).cpu())
        progress(work.name, last / work.items)
    return torch.cat(found)


def _batch(work: Work) -> tuple[int, int]:
    """Number of items in a batch, and bytes allocated per item."""
    with _Made() as made:
        work.run(range(1))
    return max(1, min(work.items, BOUND // max(made.bytes, 1))), made.bytes


class _Made(TorchDispatchMode):
    """Count the bytes of every tensor that is created: an upper bound of what is held at once."""

    def __init__(self) -> None:
        super().__init__()
        self.bytes = 0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        made = func(*args, **(kwargs or {}))
        if isinstance(made, Tensor) and not func.is_view:
            self.bytes += made.nbytes
        return made
