"""Attributions: what one method says each place of each stream speaks for or against a score.

A map is signed: above 0 speaks for the target, below 0 against it. Methods that share a score out
(integrated gradients, Shapley values, occlusion) are in its units, so that the streams can be
compared; Grad-CAM is in units of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.explain.target import Target
from core.records import seal

Extent = tuple[float, float, float, float]
"""Left, top, right, bottom in shares of the picture."""


@dataclass(frozen=True, eq=False)
class StreamMap:
    """What one method says of one stream."""

    cells: np.ndarray  # (T, h, w) signed
    extent: Extent = (0.0, 0.0, 1.0, 1.0)

    def owners(self, height: int, width: int) -> np.ndarray:
        """(height, width) int: the number of the cell that a pixel of a picture belongs to.

        Pixels beyond the grid belong to the nearest cell, so that all cells are all of the picture.
        """
        _, h, w = self.cells.shape
        left, top, right, bottom = self.extent
        rows = _owners(height, h, top, bottom)
        columns = _owners(width, w, left, right)
        return rows[:, None] * w + columns

    def spread(self, height: int, width: int) -> np.ndarray:
        """(T, height, width): every cell shared out evenly among its pixels; sums are kept."""
        owners = self.owners(height, width)
        flat = self.cells.reshape(len(self.cells), -1)
        counts = np.bincount(owners.ravel(), minlength=flat.shape[1])
        return (flat / np.maximum(counts, 1))[:, owners]


@dataclass(frozen=True, eq=False)
class Attribution:
    """What a method says of a run, and how far it can be believed as far as it tells itself."""

    method: str  # a name in ``METHODS``
    target: Target
    maps: Mapping[str, StreamMap]  # spatial, temporal, or fused
    stage: str  # whose map was asked; empty: the input's
    baseline: str  # what stands where a stream is absent; empty: the method knows no absence
    score: float
    change: float  # the score less what it is at the baseline; the maps should add up to it
    gap: float | None  # by how much they do not; None: the method does not promise it
    seconds: float
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        seal(self)

    @property
    def limit(self) -> float:
        """The largest value of all maps, whatever its sign: the one scale they are drawn on."""
        return max((float(np.abs(one.cells).max()) for one in self.maps.values()), default=0.0)


def summed(pixels: np.ndarray, short: int = 28) -> np.ndarray:
    """(T, H, W) -> (T, h, w): sums over blocks, ``short`` of them along the short side."""
    height, width = pixels.shape[1:]
    scale = min(1.0, short / min(height, width))
    for axis, size in ((1, height), (2, width)):
        edges = np.linspace(0, size, round(size * scale) + 1).round().astype(int)
        pixels = np.add.reduceat(pixels, edges[:-1], axis=axis)
    return pixels


def rank_correlation(one: StreamMap, other: StreamMap, side: int = 56) -> float:
    """Spearman's, over all places and chunks; NaN where a map is the same everywhere."""
    from scipy.stats import rankdata  # here: it takes a third as long as torch

    ranked = [rankdata(each.spread(side, side).ravel()) for each in (one, other)]
    if any(np.ptp(ranks) == 0 for ranks in ranked):
        return float("nan")
    return float(np.corrcoef(*ranked)[0, 1])


def _owners(pixels: int, cells: int, low: float, high: float) -> np.ndarray:
    """(pixels,) the number of the cell along one side."""
    at = ((np.arange(pixels) + 0.5) / pixels - low) / (high - low) * cells
    return np.clip(np.floor(at).astype(int), 0, cells - 1)
