"""Cost: what a slow method will take, known before it starts, and its work done in batches.

A method gives its work as a function of a run of items, so many in all. How much memory an item
takes is counted while one is worked on; how long, by timing one batch.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from core.records import Progress

BOUND = 512 * 2**20  # bytes that a batch may make, all maps on its way counted

Run = Callable[[range], Tensor]
"""Numbers of some items -> (items, ...) what the method finds for each."""


@dataclass(frozen=True)
class Work:
    """What a method has to do."""

    name: str  # as progress reports it
    run: Run
    items: int
    passes: int  # how often the whole network would have to run to find the same


@dataclass(frozen=True)
class Cost:
    """What it will take."""

    passes: int  # of the whole network, if it were run each time
    seconds: float  # from one timed batch
    bytes: int  # that a batch makes
    batch: int  # items worked on at once


@torch.inference_mode()
def cost_of(work: Work) -> Cost:
    """Work on one item, then time one batch."""
    batch, made = _batch(work)
    begun = time.perf_counter()
    work.run(range(batch)).cpu()
    seconds = (time.perf_counter() - begun) * work.items / batch
    return Cost(work.passes, seconds, made * batch, batch)


@torch.inference_mode()
def done(work: Work, progress: Progress) -> Tensor:
    """(items, ...) all of it, batch by batch; what ``progress`` raises stops it."""
    progress(work.name, 0.0)
    batch, _ = _batch(work)
    found = []
    for first in range(0, work.items, batch):
        last = min(first + batch, work.items)
        found.append(work.run(range(first, last)).cpu())
        progress(work.name, last / work.items)
    return torch.cat(found)


def _batch(work: Work) -> tuple[int, int]:
    """How many items go into a batch, and how many bytes one makes."""
    with _Made() as made:
        work.run(range(1))
    return max(1, min(work.items, BOUND // max(made.bytes, 1))), made.bytes


class _Made(TorchDispatchMode):
    """Counts the bytes of every tensor that is made: more than are ever held at once."""

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
