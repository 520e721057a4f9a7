"""Lens: one fused channel at one cell, taken apart into what each channel of each stream gives it.

    z = bias + sum over channels c of appearance(c) + sum over channels c of motion(c)

where a term is weight x activation, for a 3-D filter summed over its 27 taps. The terms add up to
the value before the ReLU exactly as the network computes it, up to rounding.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from core.explain.meeting import bias_of, incoming, operator_at
from core.nets.fusion import Concatenation, Conv, Conv3d, Max, Sum
from core.nets.network import Network
from core.records import InputError, seal
from core.trace import Trace


@dataclass(frozen=True, eq=False)
class Lens:
    """The terms of one number. ``weight`` and ``activation`` are those of the cell itself."""

    operator: str
    place: str
    channel: int
    cell: tuple[int, int, int]  # chunk, row, column
    weight: np.ndarray  # (2, C): appearance, motion
    activation: np.ndarray  # (2, C)
    terms: np.ndarray  # (2, C), neighbours of a 3-D filter included
    bias: float
    value: float  # before the ReLU

    def __post_init__(self) -> None:
        seal(self)

    @property
    def shares(self) -> tuple[float, float]:
        """What appearance and what motion give in all."""
        appearance, motion = self.terms.sum(axis=1).tolist()
        return appearance, motion


def lens(
    network: Network, trace: Trace, place: str, channel: int, cell: tuple[int, int, int]
) -> Lens:
    """Take a fused channel at a cell apart.

    Raises:
        InputError: the network does not fuse there, or cell or channel lie outside the map.
    """
    operator = operator_at(network, place)
    if not isinstance(operator, Sum | Max | Concatenation | Conv | Conv3d):
        raise InputError(f"{type(operator).__name__} fusion cannot be taken apart cell by cell")
    met = incoming(network, trace, place)
    streams = np.stack([maps[0].cpu().numpy() for maps in met])  # (2, T, C, h, w)
    _, chunks, channels, rows, columns = streams.shape
    inside = all(0 <= at < size for at, size in zip(cell, (chunks, rows, columns), strict=True))
    if not inside or not 0 <= channel < operator.out_channels:
        raise InputError(
            f"chunk {cell[0]}, row {cell[1]}, column {cell[2]}, channel {channel} is not in the "
            f"fused map of {chunks} x {rows} x {columns} cells and {operator.out_channels} channels"
        )
    chunk, row, column = cell
    activation = streams[:, chunk, :, row, column].astype(float)
    weight, terms = np.zeros((2, channels)), np.zeros((2, channels))
    bias = float(bias_of(operator)[channel])
    if isinstance(operator, Conv | Conv3d):
        filters = operator.mix.weight[channel].detach().double().cpu()
        if isinstance(operator, Conv):
            weight = filters.reshape(2, channels).numpy()
            terms = weight * activation
        else:
            taps = filters.reshape(2, channels, 3, 3, 3).numpy()
            weight = taps[..., 1, 1, 1]
            padded = np.pad(streams.astype(float), ((0, 0), (1, 1), (0, 0), (1, 1), (1, 1)))
            near = padded[:, chunk : chunk + 3, :, row : row + 3, column : column + 3]
            terms = np.einsum("scijk,sicjk->sc", taps, near)
    elif isinstance(operator, Concatenation):
        weight[channel // channels, channel % channels] = 1
        terms = weight * activation
    elif isinstance(operator, Max):
        weight[int(activation[1, channel] > activation[0, channel]), channel] = 1
        terms = weight * activation
    else:
        weight[:, channel] = 1
        terms = weight * activation
    name = type(operator).__name__
    return Lens(
        name, place, channel, cell, weight, activation, terms, bias, bias + float(terms.sum())
    )


@torch.inference_mode()
def before_relu(network: Network, trace: Trace, place: str) -> np.ndarray:
    """(T, C', h, w): what the operator gives before its ReLU, as the network computes it."""
    return operator_at(network, place)(*incoming(network, trace, place))[0].cpu().numpy()
