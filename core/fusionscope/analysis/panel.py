"""Panel: one picture of the player and its parts: video, map, scale, chunks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fusionscope.base.records import seal

FRAME, FLOW = "frame", "flow"
"""Keys of the panels that every run has; also the names of their videos."""

Extent = tuple[float, float, float, float]
"""Left, top, right, bottom in shares of the picture."""


@dataclass(frozen=True)
class Video:
    """Encoded pictures, one per frame."""

    pictures: tuple[bytes, ...]  # WebP

    def at(self, n: int) -> bytes:
        """The picture of frame n; the last one for all later frames."""
        return self.pictures[min(n, len(self.pictures) - 1)]


@dataclass(frozen=True)
class Chunk:
    """A chunk of a run: its frame, and the first and last frame of its flow."""

    frame: int
    first: int
    last: int


@dataclass(frozen=True, eq=False)
class MapOnPanel:
    """A map in 8 bits: byte v of a cell means low + v / 255 * (high - low).

    A cell beyond the scale has its first or last byte; its value is in ``beyond``.
    """

    cells: np.ndarray  # (T, h, w) uint8
    low: float
    high: float
    extent: Extent  # the part of the picture that the grid covers
    ramp: str | None = None  # name of a colour ramp; None: that of the panel's stream
    beyond: tuple[tuple[int, float], ...] = ()  # index of a cell in (T, h, w), and its value

    def __post_init__(self) -> None:
        if self.cells.dtype != np.uint8 or self.cells.ndim != 3:
            found = f"{self.cells.dtype} of shape {self.cells.shape}"
            raise ValueError(f"expected cells (T, h, w) uint8, got {found}")
        seal(self)

    @property
    def values(self) -> np.ndarray:
        """(T, h, w): the bytes as values, those beyond the scale exactly."""
        found = self.low + self.cells / 255 * (self.high - self.low)
        for index, value in self.beyond:
            found.flat[index] = value
        return found

    def cell_at(self, x: float, y: float) -> tuple[int, int]:
        """Row and column of the cell at, or nearest to, a place."""
        left, top, right, bottom = self.extent
        _, rows, columns = self.cells.shape
        row = int((y - top) / (bottom - top) * rows)
        column = int((x - left) / (right - left) * columns)
        return max(0, min(rows - 1, row)), max(0, min(columns - 1, column))

    def middle_of(self, row: int, column: int) -> tuple[float, float]:
        """(x, y) of the middle of a cell in shares of the picture."""
        left, top, right, bottom = self.extent
        _, rows, columns = self.cells.shape
        x = left + (column + 0.5) * (right - left) / columns
        return x, top + (row + 0.5) * (bottom - top) / rows


@dataclass(frozen=True)
class Bar:
    """The colour bar of a video with its own colour scale."""

    low: float
    high: float
    stops: tuple[str, ...]  # colours from low to high
    beyond: bool = False  # values beyond the scale have the colours of its ends


@dataclass(frozen=True, eq=False)
class Panel:
    """One picture of the player: a video with a map over it."""

    key: str
    title: str
    detail: str
    stream: str  # appearance, motion, fused
    video: str  # a name in the reel's videos
    map: MapOnPanel | None = None
    unit: str | None = None  # of the map's values
    bar: Bar | None = None
    chunks: tuple[Chunk, ...] | None = None  # if they differ from the timeline's
    sums: tuple[tuple[float, float], ...] = ()  # positive and negative part of the map, by chunk


@dataclass(frozen=True)
class Look:
    """The receptive field of a cell in shares of the picture."""

    width: float
    height: float


@dataclass(frozen=True)
class Box:
    """An erased box in shares of the picture, from the first frame to the last."""

    x: float
    y: float
    w: float
    h: float
    first: int
    last: int


@dataclass(frozen=True)
class Pin:
    """A place in shares of the picture and a frame: the player goes there and marks it."""

    x: float
    y: float
    frame: int
    soft: bool = False  # a frame at which the viewer has paused takes precedence
