"""Misregistration: the effect of moving motion features against appearance features.

The motion features are shifted, mirrored, delayed or shuffled at one fusion, and the network runs
on from there. No feature is lost or added: the same features are paired with others. The loss of
score measures how far it depends on registration. Only the input of the fusion is moved: a
temporal tower that continues to its own head is not affected.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from fusionscope.base.records import InputError
from fusionscope.explain.fusion.contributions import operator_at, run_with_fusion
from fusionscope.nets.network import Network
from fusionscope.trace import Trace

_BATCH = 64  # displacements run at once: every shift over a grid of 7 x 7 or fewer in one


@dataclass(frozen=True)
class Displacement:
    """How motion is moved against appearance, in cells and chunks; what leaves comes in again."""

    right: int = 0
    down: int = 0
    later: int = 0  # chunks
    mirror: bool = False  # left to right
    shuffle: int | None = None  # seed of an order of the cells, the same for all chunks

    def of(self, motion: Tensor) -> Tensor:
        """(..., T, C, h, w) -> the same, moved."""
        moved = motion.roll((self.later, self.down, self.right), (-4, -2, -1))
        if self.mirror:
            moved = moved.flip(-1)
        if self.shuffle is not None:
            cells = moved.flatten(-2)
            order = torch.from_numpy(
                np.random.default_rng(self.shuffle).permutation(cells.shape[-1])
            )
            moved = cells[..., order.to(cells.device)].unflatten(-1, moved.shape[-2:])
        return moved


@torch.inference_mode()
def displaced_logits(
    network: Network, trace: Trace, place: str, moves: Sequence[Displacement]
) -> dict[str, np.ndarray]:
    """Head -> (len(moves), K) scores of a run with motion moved at a place, ``average`` last.

    Computed from the first fusion on, in batches: the towers are not run again.

    Raises:
        InputError: the network does not fuse there, or there is no grid of cells to move over.
    """
    operator_at(network, place)
    if min(trace.temporal[place].shape[2:]) < 2:
        raise InputError(f"at {place} the maps have one cell: there is nowhere to move motion to")
    found: list[dict[str, Tensor]] = []
    for k in range(0, len(moves), _BATCH):
        some = moves[k : k + _BATCH]

        def meet(at: str, a: Tensor, b: Tensor, some: Sequence[Displacement] = some) -> Tensor:
            if at == place:
                b = torch.stack([move.of(one) for move, one in zip(some, b, strict=True)])
            return network.fuse(at, a, b)

        found.append(run_with_fusion(network, trace, meet, len(some)).decisions)
    return {head: torch.cat([part[head] for part in found]).cpu().numpy() for head in found[0]}


def shifts(grid: tuple[int, int]) -> list[list[Displacement]]:
    """Every shift over a grid of (h, w) cells, by rows; no shift at row h // 2, column w // 2."""
    h, w = grid
    return [[Displacement(x - w // 2, y - h // 2) for x in range(w)] for y in range(h)]
