"""Meeting: what either stream brings to a fusion, and what each gives to every fused channel.

    before the ReLU = bias + appearance + motion, cell by cell

A max takes one or the other; a bilinear operator keeps no cells.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.nets.fusion import Bilinear, Conv, Conv3d, Fusion, Max, registered
from core.nets.network import Meeting as Meet
from core.nets.network import Network, Seen
from core.records import InputError, seal
from core.trace import Trace


@dataclass(frozen=True, eq=False)
class Meeting:
    """The parts of one fused channel, (T, h, w) each."""

    place: str
    channel: int
    appearance: np.ndarray
    motion: np.ndarray
    bias: float
    fused: np.ndarray  # as the network goes on with it: behind the ReLU, where there is one

    def __post_init__(self) -> None:
        seal(self)


def operator_at(network: Network, place: str) -> Fusion:
    """The operator at a place.

    Raises:
        InputError: the network does not fuse there.
    """
    if not network.fusions and network.card.places:
        raise InputError(f"{network.card.title} shows no fusion operator that could be taken apart")
    if place not in network.fusions:
        places = ", ".join(network.fusions) or "the predictions only"
        raise InputError(f"{network.card.title} does not fuse at {place!r}; it fuses at {places}")
    return network.fusions[place]  # pyright: ignore[reportReturnType]


@torch.inference_mode()
def incoming(network: Network, trace: Trace, place: str) -> tuple[Tensor, Tensor]:
    """(1, T, C, h, w) twice: the spatial and the temporal map that meet, on one grid.

    Behind an earlier fusion, the first of them is the fused tower's.
    """
    operator_at(network, place)
    where = network.rgb_mean.device
    if place in trace.spatial:
        cells = torch.tensor(trace.spatial[place])[None].to(where)
    else:
        names = list(trace.fused)
        before = torch.tensor(trace.fused[names[names.index(place) - 1]])[None].to(where)
        cells = network.step(place, before)
    return registered(cells, torch.tensor(trace.temporal[place])[None].to(where))


@torch.inference_mode()
def met_anew(network: Network, trace: Trace, meet: Meet, count: int = 1) -> Seen:
    """Let the streams of a run meet in another way: from the first fusion on, ``count`` times.

    The towers are not run again; ``meet`` is asked at every fusion, with a batch of ``count``.
    """
    first, where = network.card.places[0], network.rgb_mean.device
    cells, motion = (
        torch.tensor(maps[first])[None].to(where).expand(count, -1, -1, -1, -1)
        for maps in (trace.spatial, trace.temporal)
    )
    return network.onward(cells, motion, after=first, meet=meet)


@torch.inference_mode()
def meeting(network: Network, trace: Trace, place: str, channel: int) -> Meeting:
    """What appearance and motion give to one fused channel, all over the clip.

    Raises:
        InputError: the network does not fuse there, or keeps no cells, or has no such channel.
    """
    operator = operator_at(network, place)
    if isinstance(operator, Bilinear):
        raise InputError("bilinear fusion sums over all cells: it keeps no map to look into")
    if not 0 <= channel < operator.out_channels:
        raise InputError(
            f"there is no channel {channel} at {place}; it has 0 to {operator.out_channels - 1}"
        )
    parts = halves(operator, *incoming(network, trace, place))
    appearance, motion = (part[0, :, channel].double().cpu().numpy() for part in parts)
    bias = float(bias_of(operator)[channel])
    return Meeting(place, channel, appearance, motion, bias, trace.fused[place][:, channel])


def halves(operator: Fusion, cells: Tensor, motion: Tensor) -> tuple[Tensor, Tensor]:
    """What appearance and what motion give, (B, T, C', h, w) each; with the bias, the whole."""
    if isinstance(operator, Max):
        return cells * (cells >= motion), motion * (motion > cells)
    bias = bias_of(operator).to(cells)[:, None, None]
    return (
        operator(cells, torch.zeros_like(motion)) - bias,
        operator(torch.zeros_like(cells), motion) - bias,
    )


def bias_of(operator: Fusion) -> Tensor:
    """(C',) what an operator adds whatever comes in; zeros for one without weights."""
    if isinstance(operator, Conv | Conv3d) and operator.mix.bias is not None:
        return operator.mix.bias.detach()
    return torch.zeros(operator.out_channels)
