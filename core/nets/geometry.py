"""Geometry: which pixels a cell of a feature map looks at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from torch import nn


@dataclass(frozen=True)
class Field:
    """Cells along one axis: cell i looks at ``size`` pixels about pixel ``start + i * step``."""

    start: float = 0.0
    step: int = 1
    size: int = 1

    def span(self, cells: int, pixels: int) -> tuple[float, float]:
        """Where the grid lies, as shares of the picture; padding may let it reach out."""
        low = self.start - self.step / 2 + 0.5
        return low / pixels, (low + cells * self.step) / pixels


def receptive_field(stages: Iterable[nn.Module]) -> Field:
    """The field of what comes out of modules applied one after the other, alike along both axes."""
    field = Field()
    for stage in stages:
        for module in stage.modules():
            if isinstance(module, nn.Conv2d | nn.MaxPool2d):
                kernel, stride, pad = (
                    _first(v) for v in (module.kernel_size, module.stride, module.padding)
                )
                field = Field(
                    field.start + ((kernel - 1) / 2 - pad) * field.step,
                    field.step * stride,
                    field.size + (kernel - 1) * field.step,
                )
    return field


def _first(value: object) -> int:
    if isinstance(value, tuple):
        value = value[0]
    if not isinstance(value, int):
        raise ValueError(f"expected a number of pixels, got {value!r}")
    return value
