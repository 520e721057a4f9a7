"""Registry of the fusion operators: name -> class, and how a network builds one.

To add an operator, write a subclass of ``Fusion`` (``nets/operators/operator.py``) and list it
here; code outside this package calls ``register_fusion`` instead. The streams are fused cell by
cell, chunk by chunk (paper section 3.1; 3.3 for the 3-D filter).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import cast

from torch import Tensor, nn

from fusionscope.base.records import InputError
from fusionscope.nets.fusion_init import STARTS
from fusionscope.nets.operators.bilinear import Bilinear
from fusionscope.nets.operators.filters import Conv, Conv3d
from fusionscope.nets.operators.fixed import Concatenation, Max, Sum
from fusionscope.nets.operators.operator import Fusion, LinearFusion

__all__ = [
    "FUSIONS",
    "Fusion",
    "LinearFusion",
    "build_fusion",
    "on_one_grid",
    "register_fusion",
]

_known: dict[str, type[Fusion]] = {}

FUSIONS: Mapping[str, type[Fusion]] = MappingProxyType(_known)
"""Name -> class, called with the number of channels C of either stream."""

_REQUIRED = ("name", "title", "symbol", "formula", "words", "rank")


def register_fusion(operator: type[Fusion]) -> type[Fusion]:
    """Add an operator under its name; usable as a decorator.

    Raises:
        ValueError: the name is taken, a required attribute is missing, or a method is abstract.
    """
    missing = [name for name in _REQUIRED if not hasattr(operator, name)]
    if inspect.isabstract(operator):
        missing += sorted(operator.__abstractmethods__)
    if missing:
        raise ValueError(f"expected {operator.__name__} to define {', '.join(missing)}")
    if operator.name in _known:
        raise ValueError(f"expected a new name, got {operator.name!r}, which is registered")
    _known[operator.name] = operator
    return operator


for _operator in (Sum, Max, Concatenation, Conv, Conv3d, Bilinear):
    register_fusion(_operator)


def build_fusion(name: str, channels: int, start: str = "", units: int = 0) -> Fusion:
    """Build an operator; ``start`` names its initial weights, empty for its own.

    Args:
        units: its output channels, at most ``channels``; 0: as many as the operator has by itself.

    Raises:
        InputError: there is no such operator or start, or the operator takes no start or units.
    """
    if name not in FUSIONS:
        raise InputError(f"there is no fusion {name!r}; choose one of {', '.join(FUSIONS)}")
    if start and start not in STARTS:
        raise InputError(f"there is no start {start!r}; choose one of {', '.join(STARTS)}")
    if units:
        return _narrow(name, channels, start, units)
    if not start:
        return FUSIONS[name](channels)
    if not FUSIONS[name].takes_start:
        others = " and ".join(other for other, maker in FUSIONS.items() if maker.takes_start)
        raise InputError(f"{name} fusion has no weights to start as {start!r}; {others} have")
    make = cast(Callable[..., Fusion], FUSIONS[name])  # one that takes a start
    return make(channels, STARTS[start])


def _narrow(name: str, channels: int, start: str, units: int) -> Fusion:
    """A 1x1 convolution with fewer output channels; the initial weights are the first rows."""
    if name != Conv.name or units > channels:
        raise InputError(
            f"{name} fusion of {channels} channels cannot have {units} units; "
            f"needed: {Conv.name} fusion, with at most {channels}"
        )
    return Conv(channels, STARTS[start or "sumAB"], units)


def on_one_grid(spatial: Tensor, temporal: Tensor) -> tuple[Tensor, Tensor]:
    """Pad the smaller of two maps with zeros at the bottom and the right, to the larger's grid.

    The paper's only such case is VGG-16 (14x14) with VGG-M (13x13), padded by one row and column
    (paper.md 2.1).

    Raises:
        InputError: the grids differ by more than one cell a side, or the channels differ.
    """
    (h, w), (k, m) = spatial.shape[-2:], temporal.shape[-2:]
    if abs(h - k) > 1 or abs(w - m) > 1:
        raise InputError(
            f"the streams' maps are {h}x{w} and {k}x{m} cells; to be fused they may differ by one"
        )
    if spatial.shape[2] != temporal.shape[2]:
        raise InputError(
            f"the streams' maps have {spatial.shape[2]} and {temporal.shape[2]} channels; "
            "to be fused they need the same number"
        )
    pad = nn.functional.pad
    return (
        pad(spatial, (0, max(m - w, 0), 0, max(k - h, 0))),
        pad(temporal, (0, max(w - m, 0), 0, max(h - k, 0))),
    )
