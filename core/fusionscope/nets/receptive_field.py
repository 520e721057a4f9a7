"""Receptive field: the pixels that influence one cell of a feature map.

``Fields`` tracks receptive fields operation by operation while a network runs, on any device
including torch's meta device. Where paths join, as after a residual block, the receptive field
covers the fields of all paths.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

SIDE = 224  # pixels, side of the frames on which towers are traced: their common design size


@dataclass(frozen=True)
class Field:
    """Cells along one axis: cell i covers ``size`` pixels centred on pixel ``start + i * step``."""

    start: float = 0.0
    step: int = 1
    size: float = 1  # infinite: the whole picture

    def span(self, cells: int, pixels: int) -> tuple[float, float]:
        """Position of the grid as fractions of the picture; with padding it may extend outside."""
        low = self.start - self.step / 2 + 0.5
        return low / pixels, (low + cells * self.step) / pixels

    def through(self, kernel: int, stride: int, pad: int) -> Field:
        """The field after a filter or a pooling."""
        return Field(
            self.start + ((kernel - 1) / 2 - pad) * self.step,
            self.step * stride,
            self.size + (kernel - 1) * self.step,
        )

    def beside(self, other: Field) -> Field:
        """Union with another field; an infinite field takes the grid position of the other."""
        if math.isinf(self.size) or math.isinf(other.size):
            known = other if math.isinf(self.size) else self
            return replace(known, size=math.inf)
        low = min(self.start - self.size / 2, other.start - other.size / 2)
        high = max(self.start + self.size / 2, other.start + other.size / 2)
        size = high - low
        return Field((low + high) / 2, self.step, int(size) if size == int(size) else size)


def receptive_field(stages: Iterable[nn.Module]) -> Field:
    """Receptive field, along the height, of the output of modules applied in sequence.

    A copy without weights is traced; the modules themselves are neither run nor changed.
    """
    row = nn.Sequential(*stages)
    filters = (module for module in row.modules() if isinstance(module, nn.Conv2d))
    channels = next((module.in_channels for module in filters), 1)
    # In inference mode ``Fields`` would not see the operations inside a convolution.
    with torch.inference_mode(False), torch.no_grad(), Fields() as fields:
        picture = fields.begin(torch.empty(1, channels, SIDE, SIDE, device="meta"))
        return fields.of(_bare(row)(picture))


def layer_fields(layers: Sequence[nn.Module], picture: tuple[int, ...]) -> list[Field]:
    """Receptive field of each layer in a sequence, in cells of that layer's own input.

    As ``receptive_field``, but layer by layer, for a picture of shape (B, C, H, W).
    """
    found = []
    with torch.inference_mode(False), torch.no_grad(), Fields() as fields:
        cells = torch.empty(picture, device="meta")
        for layer in _bare(nn.Sequential(*layers)).children():
            cells = layer(fields.begin(cells))
            found.append(fields.of(cells))
    return found


def _bare(module: nn.Module) -> nn.Module:
    """Copy a module's structure to the meta device, without weights, in evaluation mode."""
    memo: dict[int, Any] = {
        id(one): torch.empty_like(one, device="meta")
        for one in chain(module.parameters(), module.buffers())
    }
    for one in module.parameters():
        memo[id(one)] = nn.Parameter(memo[id(one)], requires_grad=False)
    return copy.deepcopy(module, memo).eval()


class Fields(TorchDispatchMode):
    """Track the receptive field of every map computed from ``begin``'s pictures in the ``with``."""

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[int, tuple[Tensor, Field]] = {}  # keeps the tensor, so ids stay unique
        self._side = SIDE

    def begin(self, picture: Tensor) -> Tensor:
        """Start tracking a picture, (..., H, W)."""
        self._known[id(picture)] = (picture, Field())
        self._side = picture.shape[-2]
        return picture

    def of(self, cells: Tensor) -> Field:
        """Receptive field of a map, (..., h, w)."""
        field = self._known[id(cells)][1]
        step = max(1, round(self._side / cells.shape[-2]))
        if math.isinf(field.size) and field.step != step and cells.shape[-2] > 1:
            return Field((step - 1) / 2, step, math.inf)  # a grid spread evenly over the picture
        return field

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        made = func(*args, **(kwargs or {}))
        seen = [self._known[id(one)][1] for one in _tensors(args) if id(one) in self._known]
        if seen and not func.overloadpacket.__name__.startswith("new_"):  # these use no values
            field = seen[0]
            for other in seen[1:]:
                field = field.beside(other)
            field = _after(func, args, field, len(seen))
            for one in _tensors([made]):
                self._known[id(one)] = (one, field)
        return made


def _tensors(values: Iterable[Any]) -> Iterator[Tensor]:
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, list | tuple):
            yield from _tensors(value)


_KEEPING = frozenset(
    {
        *("alias", "clone", "detach", "_to_copy", "copy_", "expand", "native_dropout"),
        *("cat", "stack", "split", "split_with_sizes", "unbind", "unsqueeze", "squeeze"),
        *("permute", "transpose", "t", "native_batch_norm", "_native_batch_norm_legit"),
        *("_native_batch_norm_legit_no_training", "native_layer_norm"),
    }
)
"""Operations that leave cells in place; layer norm is assumed to act over channels only."""


def _after(func: Any, args: tuple[Any, ...], field: Field, maps: int) -> Field:
    """The field after one operation, given the union of its inputs' fields."""
    name = func.overloadpacket.__name__
    if name in _KEEPING or torch.Tag.pointwise in func.tags:
        return field
    match name, args:
        case "convolution", (_, weight, _, stride, pad, dilation, False, *_):
            # two axes, or three in a 3-D filter: the height is the second to last
            kernel = (weight.shape[-2] - 1) * dilation[-2:][0] + 1
            return field.through(kernel, stride[-2:][0], pad[-2:][0])
        case "max_pool2d_with_indices" | "avg_pool2d", (_, kernel, *more):
            stride, pad, *_ = *(more[:2]), None, None
            return field.through(kernel[0], (stride or kernel)[0], pad[0] if pad else 0)
        case "constant_pad_nd", (_, sides, *_):
            above = sides[2] if len(sides) > 2 else 0
            return replace(field, start=field.start - above * field.step)
        case "view" | "_unsafe_view", (cells, shape) if shape[-1] in (cells.shape[-1], -1):
            return field
        case "amax" | "mean" | "sum", (cells, [*axes], *_) if axes and _aside(cells, *axes):
            return field
        case "slice" | "select", (cells, *axis) if _aside(cells, *axis[:1]):
            return field
        case "mm" | "addmm" | "bmm", _ if maps == 1:  # one map multiplied by weights
            return field
    return replace(field, size=math.inf)


def _aside(cells: Tensor, *axes: int) -> bool:
    """Whether all of these axes come before the picture's height and width."""
    return all(axis % cells.ndim < cells.ndim - 2 for axis in axes or (0,))
