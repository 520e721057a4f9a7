"""Patches: the positions of a sliding square on the image, in rows and columns."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fusionscope.base.records import InputError

Interval = tuple[int, int]
"""First pixel, and one past the last."""


@dataclass(frozen=True)
class Patches:
    """Squares of side ``patch``, ``stride`` pixels apart, that cover the image.

    The last row and column are cropped at the border.
    """

    height: int  # of the image, in pixels
    width: int
    patch: int
    stride: int

    def __post_init__(self) -> None:
        if not 1 <= self.patch <= min(self.height, self.width):
            raise InputError(
                f"the patch has {self.patch} pixels a side; "
                f"needed: 1 to {min(self.height, self.width)}, the short side of the image"
            )
        if not 1 <= self.stride <= self.patch:
            raise InputError(
                f"the patch moves by {self.stride} pixels; "
                f"needed: 1 to {self.patch}, so that no pixel is left out"
            )

    @cached_property
    def rows(self) -> tuple[Interval, ...]:
        """The pixel interval of each row of positions."""
        return self._along(self.height)

    @cached_property
    def columns(self) -> tuple[Interval, ...]:
        """The pixel interval of each column of positions."""
        return self._along(self.width)

    def __len__(self) -> int:
        return len(self.rows) * len(self.columns)

    def at(self, place: int) -> tuple[int, int]:
        """Row and column of a position; positions are numbered row by row."""
        return divmod(place, len(self.columns))

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """The grid's left, top, right and bottom as fractions of the image."""
        begin = (self.patch - self.stride) / 2
        right, bottom = (
            begin + count * self.stride for count in (len(self.columns), len(self.rows))
        )
        return begin / self.width, begin / self.height, right / self.width, bottom / self.height

    def spread(self, cells: np.ndarray) -> np.ndarray:
        """(..., rows, columns) -> (..., H, W): the mean over all patches that cover a pixel."""
        total = np.zeros((*cells.shape[:-2], self.height, self.width))
        count = np.zeros((self.height, self.width))
        for r, (top, bottom) in enumerate(self.rows):
            for c, (left, right) in enumerate(self.columns):
                total[..., top:bottom, left:right] += cells[..., r, c, None, None]
                count[top:bottom, left:right] += 1
        return total / count

    def _along(self, pixels: int) -> tuple[Interval, ...]:
        count = math.ceil((pixels - self.patch) / self.stride) + 1
        starts = (k * self.stride for k in range(count))
        return tuple((start, min(start + self.patch, pixels)) for start in starts)
