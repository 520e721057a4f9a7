"""Contributions of appearance and of motion to every fused channel, cell by cell.

    before the ReLU = bias + appearance + motion

Each operator defines its own (``Fusion.halves``); one that keeps no cells has none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from fusionscope.base.records import InputError, seal
from fusionscope.nets.fusion import Fusion, on_one_grid
from fusionscope.nets.network import FuseMaps as Meet
from fusionscope.nets.network import Network, Seen
from fusionscope.trace import Trace


@dataclass(frozen=True, eq=False)
class UnitContributions:
    """The parts of one fused channel, (T, h, w) each."""

    place: str
    channel: int
    appearance: np.ndarray
    motion: np.ndarray
    bias: float
    fused: np.ndarray  # the output: after the ReLU, where there is one

    def __post_init__(self) -> None:
        seal(self)


def operator_at(network: Network, place: str) -> Fusion:
    """The operator at a place.

    Raises:
        InputError: the network does not fuse there.
    """
    if not network.fusions and network.card.places:
        raise InputError(f"{network.card.title} does not expose its fusion operator")
    if place not in network.fusions:
        places = ", ".join(network.fusions) or "the predictions only"
        raise InputError(f"{network.card.title} does not fuse at {place!r}; it fuses at {places}")
    return network.operator(place)


@torch.inference_mode()
def incoming(network: Network, trace: Trace, place: str) -> tuple[Tensor, Tensor]:
    """(1, T, C, h, w) twice: the spatial and the temporal map to be fused, on one grid.

    After an earlier fusion, the first of them is the fused tower's.
    """
    operator_at(network, place)
    where = network.rgb_mean.device
    if place in trace.spatial:
        cells = torch.tensor(trace.spatial[place])[None].to(where)
    else:
        names = list(trace.fused)
        before = torch.tensor(trace.fused[names[names.index(place) - 1]])[None].to(where)
        cells = network.step(place, before)
    return on_one_grid(cells, torch.tensor(trace.temporal[place])[None].to(where))


@torch.inference_mode()
def run_with_fusion(network: Network, trace: Trace, meet: Meet, count: int = 1) -> Seen:
    """Run a network from its first fusion on, ``count`` times, with another way of fusing.

    The towers are not run again; ``meet`` is called at every fusion, with a batch of ``count``.
    """
    first, where = network.card.places[0], network.rgb_mean.device
    cells, motion = (
        torch.tensor(maps[first])[None].to(where).expand(count, -1, -1, -1, -1)
        for maps in (trace.spatial, trace.temporal)
    )
    return network.onward(cells, motion, after=first, meet=meet)


@torch.inference_mode()
def unit_contributions(
    network: Network, trace: Trace, place: str, channel: int
) -> UnitContributions:
    """Contributions of appearance and of motion to one fused channel, over the whole clip.

    Raises:
        InputError: the network does not fuse there, has no such channel, or its operator has no
            contributions.
    """
    operator = operator_at(network, place)
    if not 0 <= channel < operator.out_channels:
        raise InputError(
            f"there is no channel {channel} at {place}; it has 0 to {operator.out_channels - 1}"
        )
    parts = operator.halves(*incoming(network, trace, place))
    appearance, motion = (part[0, :, channel].double().cpu().numpy() for part in parts)
    bias = float(operator.bias()[channel])
    return UnitContributions(
        place, channel, appearance, motion, bias, trace.fused[place][:, channel]
    )
