"""Patches: where a square is laid over the picture, step by step, as rows and columns of places."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.records import InputError

Interval = tuple[int, int]
"""First pixel, and the first behind the last."""


@dataclass(frozen=True)
class Patches:
    """Squares of ``patch`` pixels, ``stride`` pixels apart, until the picture is covered.

    The last row and column are cut off by the border where they reach over it.
    """

    height: int  # pixels of the picture
    width: int
    patch: int
    stride: int

    def __post_init__(self) -> None:
        if not 1 <= self.patch <= min(self.height, self.width):
            raise InputError(
                f"the patch has {self.patch} pixels a side; "
                f"needed: 1 to {min(self.height, self.width)}, the picture's short side"
            )
        if not 1 <= self.stride <= self.patch:
            raise InputError(
                f"the patch moves by {self.stride} pixels; "
                f"needed: 1 to {self.patch}, or pixels between two patches would be left out"
            )

    @cached_property
    def rows(self) -> tuple[Interval, ...]:
        """The pixels of each row of places."""
        return self._along(self.height)

    @cached_property
    def columns(self) -> tuple[Interval, ...]:
        """The pixels of each column of places."""
        return self._along(self.width)

    def __len__(self) -> int:
        return len(self.rows) * len(self.columns)

    def at(self, place: int) -> tuple[int, int]:
        """Row and column of a place; places are numbered row by row."""
        return divmod(place, len(self.columns))

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """Where the grid of places lies: left, top, right, bottom in shares of the picture."""
        begin = (self.patch - self.stride) / 2
        right, bottom = (
            begin + count * self.stride for count in (len(self.columns), len(self.rows))
        )
        return begin / self.width, begin / self.height, right / self.width, bottom / self.height

    def spread(self, cells: np.ndarray) -> np.ndarray:
        """(..., rows, columns) -> (..., H, W): the mean of all patches over each pixel."""
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
