"""Unit picture: one fused value as a drawing shows it: inputs with their maps, wires and window.

    value = bias + inputs shown + inputs not shown = bias + sum of the window's products

Both sums are those of ``Lens``, split by channel and by the cell of the window.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from fusionscope.base.records import InputError, seal
from fusionscope.explain.fusion.contributions import incoming, operator_at
from fusionscope.explain.fusion.lens import Lens, lens_of, window
from fusionscope.nets.fusion import Fusion, build_fusion
from fusionscope.nets.network import Network
from fusionscope.trace import Trace

INPUTS = 6  # channels shown of each stream

Cell = tuple[int, int, int]  # chunk, row, column


@dataclass(frozen=True, eq=False)
class Inputs:
    """The channels of one stream that feed a unit, the largest contribution first."""

    channels: tuple[int, ...]  # those shown
    maps: np.ndarray  # (n, T, h, w) activations
    weights: np.ndarray  # (n,) at the cell itself
    activations: np.ndarray  # (n,) at the cell itself
    terms: np.ndarray  # (n,) contributions, the whole window included
    live: np.ndarray  # (n,) whether the input counts here; the smaller input of a maximum does not
    taps: np.ndarray  # (n, k, r, r) weight x activation over the window
    others: int  # channels that can feed the unit and are not shown
    rest: float  # their contribution
    window: np.ndarray  # (k, r, r) weight x activation, summed over all channels

    def __post_init__(self) -> None:
        seal(self)

    @property
    def total(self) -> float:
        """Contribution of the stream."""
        return float(self.window.sum())


@dataclass(frozen=True, eq=False)
class UnitPicture:
    """One fused value, with the maps that it is made of."""

    lens: Lens
    title: str  # the operator's
    symbol: str
    learned: bool
    inputs: tuple[Inputs, Inputs]  # appearance, motion
    inside: np.ndarray  # (k, r, r) which cells of the window lie on the map
    output: np.ndarray  # (T, h, w) of the unit, after the ReLU where there is one
    strong: Cell | None  # where the value is not above 0: the nearest cell with a large one

    def __post_init__(self) -> None:
        seal(self)

    @property
    def value(self) -> float:
        """The output at the cell."""
        return float(self.output[self.lens.cell])


def unit_picture(
    network: Network, trace: Trace, place: str, channel: int, cell: Cell
) -> UnitPicture:
    """Describe a fused channel at one cell.

    Raises:
        InputError: as ``lens``.
    """
    operator, met = operator_at(network, place), incoming(network, trace, place)
    seen = lens_of(operator, met, place, channel, cell)
    return _picture(operator, met, seen, trace.fused[place][:, channel])


def swapped_pictures(network: Network, trace: Trace, at: Lens, name: str) -> list[UnitPicture]:
    """The same cell under another operator: every output that reads the channel of that number.

    Raises:
        InputError: there is no such operator.
    """
    met, channels = incoming(network, trace, at.place), at.activation.shape[1]
    other = build_fusion(name, channels).to(met[0].device)
    output = other(*met)[0].detach().cpu().numpy()
    units = range(at.channel % channels, other.out_channels, channels)
    lenses = (lens_of(other, met, at.place, unit, at.cell) for unit in units)
    return [_picture(other, met, seen, output[:, seen.channel]) for seen in lenses]


def partners(network: Network, at: Lens) -> list[int]:
    """Units that show the same input channel of the other stream, as in concatenation; or none."""
    operator, channels = operator_at(network, at.place), at.activation.shape[1]
    units = range(at.channel % channels, operator.out_channels, channels)
    return [] if operator.learned else [unit for unit in units if unit != at.channel]


def nearest_strong(output: np.ndarray, cell: Cell) -> Cell | None:
    """The nearest cell with at least half of the unit's largest value; the strongest of equals.

    Distances are counted in steps of one chunk, row or column. None if no value is above 0.

    Args:
        output: (T, h, w) values of one unit.
    """
    most = float(output.max())
    if most <= 0:
        return None
    strong = np.argwhere(output >= most / 2)
    steps = np.abs(strong - np.array(cell)).sum(axis=1)
    values = output[tuple(strong.T)]
    chunk, row, column = strong[np.lexsort((-values, steps))[0]].tolist()
    return chunk, row, column


def _picture(
    operator: Fusion, met: tuple[Tensor, Tensor], seen: Lens, output: np.ndarray
) -> UnitPicture:
    taps, near = window(operator, met, seen.channel, seen.cell)
    products = taps * near.swapaxes(1, 2)  # (2, C, k, r, r)
    connected = _connected(operator, seen)
    k, r = operator.reach
    sizes = met[0].shape[1], *met[0].shape[3:]
    inside = np.ones((1, 1, 1), bool)
    for axis, (at, reach, size) in enumerate(zip(seen.cell, (k, r, r), sizes, strict=True)):
        read = np.arange(at - reach, at + reach + 1)
        shape = np.roll((len(read), 1, 1), axis)
        inside = inside & ((read >= 0) & (read < size)).reshape(shape)
    sides = (
        _inputs(seen, stream, connected[stream], taps[stream], products[stream], met[stream])
        for stream in (0, 1)
    )
    value = float(output[seen.cell])
    return UnitPicture(
        seen,
        operator.title,
        operator.symbol,
        operator.learned,
        (next(sides), next(sides)),
        inside,
        output,
        None if value > 0 else nearest_strong(output, seen.cell),
    )


def _inputs(
    seen: Lens,
    stream: int,
    connected: np.ndarray,
    taps: np.ndarray,
    products: np.ndarray,
    maps: Tensor,
) -> Inputs:
    terms = seen.terms[stream]
    order = [c for c in np.argsort(-np.abs(terms), kind="stable").tolist() if connected[c]]
    shown = order[:INPUTS]
    counts = np.abs(taps).reshape(len(taps), -1).max(axis=1) > 0
    return Inputs(
        tuple(shown),
        maps[0, :, shown].movedim(1, 0).cpu().numpy(),
        seen.weight[stream, shown],
        seen.activation[stream, shown],
        terms[shown],
        counts[shown],
        products[shown],
        len(order) - len(shown),
        float(terms.sum() - terms[shown].sum()),
        products.sum(axis=0),
    )


def _connected(operator: Fusion, seen: Lens) -> np.ndarray:
    """(2, C): the channels that the unit can depend on, those without weight here included."""
    if operator.learned:
        return np.ones(seen.weight.shape, bool)
    try:
        filters = operator.filters()[seen.channel]
    except InputError:  # no fixed weights: those that act here
        return seen.weight != 0
    return filters.abs().flatten(2).amax(dim=2).cpu().numpy() > 0
