"""Blocks: a data set cut into blocks of clips, the units of work of an evaluation.

Where a block starts does not depend on what was done before. So a network's batches on a GPU are
the same in a run that was resumed, and figures do not depend on the number of workers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch

from fusionscope.base.records import InputError
from fusionscope.data.datasets import Item
from fusionscope.data.prepared.store import Store
from fusionscope.evaluation.by_clip.inputs import Inputs, inputs_of
from fusionscope.evaluation.by_clip.outputs import Outputs, outputs_of
from fusionscope.nets.network import Network
from fusionscope.nets.store.loading import device

CLIPS = {"fast": 8, "dense": 1}
"""Protocol -> number of clips in a block; all runs of a block are in memory together."""

Block = tuple[Item, ...]


def blocks_of(items: Sequence[Item], protocol: str) -> list[Block]:
    """Cut a list of clips into blocks; the last may be shorter."""
    size = CLIPS[protocol]
    return [tuple(items[at : at + size]) for at in range(0, len(items), size)]


@dataclass(frozen=True, eq=False)
class Answering:
    """The work of running a network on one block after another, for any number of processes."""

    network: Network
    protocol: str
    explain: bool
    store: Store | None = None
    alone: bool = True  # this process has all cores; else it uses one
    on_gpu: bool = field(default_factory=lambda: device().type == "cuda")

    def feed(self, block: Block) -> list[Inputs | InputError]:
        """Read the clips of a block."""
        threads = None if self.alone else 1
        card = self.network.card
        return [inputs_of(item, card, self.protocol, self.store, threads) for item in block]

    def answer(self, fed: list[Inputs | InputError]) -> list[Outputs]:
        """Run the network on the clips of a block."""
        if not self.alone and self.network.rgb_mean.device.type != device().type:
            self.network.to(device())
        with _threads(None if self.alone else 1):
            return outputs_of(self.network, fed, explain=self.explain)


@contextmanager
def _threads(count: int | None) -> Iterator[None]:
    """Let torch use this number of threads; None: as many as it does."""
    before = torch.get_num_threads()
    if count:
        torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
