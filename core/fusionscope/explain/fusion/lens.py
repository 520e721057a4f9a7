"""Lens: one fused value as a sum of contributions, one for each input channel of each stream.

    z = bias + sum over channels c of appearance(c) + sum over channels c of motion(c)

A contribution is weight x activation, summed over the taps of a filter that reads neighbouring
cells and chunks. The sum equals the network's own value before the ReLU up to rounding.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from fusionscope.base.records import InputError, seal
from fusionscope.explain.fusion.contributions import incoming, operator_at
from fusionscope.nets.fusion import Fusion, build_fusion
from fusionscope.nets.network import Network
from fusionscope.trace import Trace


@dataclass(frozen=True, eq=False)
class Lens:
    """The terms of one value. ``weight`` and ``activation`` are those of the cell itself."""

    operator: str  # its name
    place: str
    channel: int
    cell: tuple[int, int, int]  # chunk, row, column
    weight: np.ndarray  # (2, C): appearance, motion
    activation: np.ndarray  # (2, C)
    terms: np.ndarray  # (2, C), neighbouring taps included
    bias: float
    value: float  # before the ReLU
    formula: str  # of one output channel, as in ``Fusion.unit_formula``
    expression: str  # the value as a sum, as in ``Fusion.expression``
    neighbours: int  # taps beside that of the cell itself
    rectified: bool  # the network applies a ReLU to the value

    def __post_init__(self) -> None:
        seal(self)

    @property
    def shares(self) -> tuple[float, float]:
        """Total contribution of appearance and of motion."""
        appearance, motion = self.terms.sum(axis=1).tolist()
        return appearance, motion


def lens(
    network: Network, trace: Trace, place: str, channel: int, cell: tuple[int, int, int]
) -> Lens:
    """Write a fused channel's value at one cell as a sum.

    Raises:
        InputError: the network does not fuse there, cell or channel lie outside the map, or the
            operator has no contributions cell by cell.
    """
    operator = operator_at(network, place)
    return lens_of(operator, incoming(network, trace, place), place, channel, cell)


def swapped_lenses(network: Network, trace: Trace, at: Lens, name: str) -> list[Lens]:
    """The same cell under another operator: every output that reads the channel of that number.

    Raises:
        InputError: as ``lens``, or there is no such operator.
    """
    met, channels = incoming(network, trace, at.place), at.activation.shape[1]
    other = build_fusion(name, channels)
    outputs = range(at.channel % channels, other.out_channels, channels)
    return [lens_of(other, met, at.place, channel, at.cell) for channel in outputs]


def lens_of(
    operator: Fusion,
    met: tuple[Tensor, Tensor],
    place: str,
    channel: int,
    cell: tuple[int, int, int],
) -> Lens:
    """Write one value of an operator as a sum, from the (1, T, C, h, w) maps that it fuses.

    Raises:
        InputError: as ``lens``.
    """
    _, chunks, _, rows, columns = met[0].shape
    inside = all(0 <= at < size for at, size in zip(cell, (chunks, rows, columns), strict=True))
    if not inside or not 0 <= channel < operator.out_channels:
        raise InputError(
            f"chunk {cell[0]}, row {cell[1]}, column {cell[2]}, channel {channel} is not in the "
            f"fused map of {chunks} x {rows} x {columns} cells and {operator.out_channels} channels"
        )
    k, r = operator.reach
    taps, near = window(operator, met, channel, cell)
    terms = np.einsum("scijk,sicjk->sc", taps, near)
    bias = float(operator.bias()[channel])
    return Lens(
        operator.name,
        place,
        channel,
        cell,
        taps[..., k, r, r],
        near[:, k, :, r, r],
        terms,
        bias,
        bias + float(terms.sum()),
        operator.unit_formula or operator.formula,
        operator.expression(channel),
        (2 * k + 1) * (2 * r + 1) ** 2 - 1,
        operator.is_rectified(place),
    )


def window(
    operator: Fusion, met: tuple[Tensor, Tensor], channel: int, cell: tuple[int, int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """The weights and the activations whose products make up one fused value, less its bias.

    (2, C, k, r, r) weights and (2, k, C, r, r) activations, over the chunks, rows and columns that
    the operator reads around the cell; beyond the map activations are 0.
    """
    streams = np.stack([maps[0].cpu().numpy() for maps in met])  # (2, T, C, h, w)
    (chunk, row, column), (k, r) = cell, operator.reach
    padded = np.pad(streams.astype(float), ((0, 0), (k, k), (0, 0), (r, r), (r, r)))
    near = padded[
        :, chunk : chunk + 2 * k + 1, :, row : row + 2 * r + 1, column : column + 2 * r + 1
    ]
    taps = operator.unit_weights(channel, torch.from_numpy(near)).double().cpu().numpy()
    return taps, near


@torch.inference_mode()
def before_relu(network: Network, trace: Trace, place: str) -> np.ndarray:
    """(T, C', h, w): the operator's output before its ReLU, as the network computes it."""
    return operator_at(network, place)(*incoming(network, trace, place))[0].cpu().numpy()
