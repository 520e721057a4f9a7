"""Shared pass: several networks on one clip, with each stage that they share computed once.

Stages are shared if their kind, their weights and everything before them are equal, whatever the
networks' cards say. Up to the first fusion a tower depends on nothing but its own stages, so only
the rest is computed for each network.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

import torch
from torch import Tensor

from fusionscope.base.streams import STREAMS
from fusionscope.nets.module_state import state_digest
from fusionscope.nets.network import Network, Seen
from fusionscope.nets.shared_stages import trunk_of
from fusionscope.nets.towers.tower import Tower

Memo = dict[str, Tensor]
"""What is fed to a stage and all before it, as a digest -> its output, (B, T, C, h, w)."""


@torch.inference_mode()
def shared_pass(
    networks: Iterable[Network], rgb: Tensor, flow: Tensor
) -> Iterator[tuple[Network, Seen]]:
    """Run networks on (B, T, 3, H, W) and (B, T, 2L, H, W), values 0..255.

    Yields each network with its pass. Scores equal those of ``network(rgb, flow)``. A pass holds no
    maps of stages before the last common stage of both towers. A network without such a stage runs
    whole.
    """
    memo: Memo = {}
    for network in networks:
        upto = trunk_of(network)
        if not upto:
            yield network, network(rgb, flow)
            continue
        ends: dict[str, Tensor | None] = {}
        for stream, cells in zip(STREAMS, network.normalised(rgb, flow), strict=True):
            tower: Tower | None = getattr(network, stream)
            known = _entry(network, stream)
            ends[stream] = None
            if tower is not None and cells is not None:
                ends[stream] = _until(tower, upto, cells, known, memo)
        yield network, network.onward(ends["spatial"], ends["temporal"], after=upto)


def _entry(network: Network, stream: str) -> str:
    """What a stream is fed: two networks with equal entries see the same numbers."""
    card = network.card
    if stream == "spatial":
        return f"rgb {card.rgb_mean} {card.rgb_scale}"
    return f"flow {card.flow_mean} {card.flow_scale}"


def _until(tower: Tower, upto: str, cells: Tensor, known: str, memo: Memo) -> Tensor:
    """The output of a tower at a stage; stages in ``memo`` are not computed again."""
    names = list(tower.stages)
    keys = []
    for name in names[: names.index(upto) + 1]:
        stage = tower.stages[name]
        told = f"{known} {stage!r} {state_digest(stage)}"
        known = hashlib.sha256(told.encode()).hexdigest()
        keys.append((name, known))
    start = next((k for k in range(len(keys) - 1, -1, -1) if keys[k][1] in memo), -1)
    if start >= 0:
        cells = memo[keys[start][1]]
    for name, key in keys[start + 1 :]:
        cells = tower.stages[name](cells.flatten(0, 1)).unflatten(0, cells.shape[:2])
        memo[key] = cells
    return cells
