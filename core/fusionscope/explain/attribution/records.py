"""Attribution records: the maps of one method, one per stream, and how far they add up.

A map is signed: positive values are evidence for the target, negative ones against it. Integrated
gradients, Shapley values and occlusion are in units of the score, so that streams can be compared;
Grad-CAM is in units of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fusionscope.base.records import Progress, no_progress, seal
from fusionscope.base.scales import robust_limit
from fusionscope.explain.target import Target
from fusionscope.nets.network import Network
from fusionscope.trace import Trace

Extent = tuple[float, float, float, float]
"""Left, top, right, bottom as fractions of the image."""


@dataclass(frozen=True, eq=False)
class StreamMap:
    """One method's map of one stream."""

    cells: np.ndarray  # (T, h, w) signed
    extent: Extent = (0.0, 0.0, 1.0, 1.0)

    def owners(self, height: int, width: int) -> np.ndarray:
        """(height, width) int: the index of each pixel's cell.

        Pixels outside the grid belong to the nearest cell, so that the cells cover the image.
        """
        _, h, w = self.cells.shape
        left, top, right, bottom = self.extent
        rows = _owners(height, h, top, bottom)
        columns = _owners(width, w, left, right)
        return rows[:, None] * w + columns

    def spread(self, height: int, width: int) -> np.ndarray:
        """(T, height, width): each cell's value divided equally among its pixels; sums are kept."""
        owners = self.owners(height, width)
        flat = self.cells.reshape(len(self.cells), -1)
        counts = np.bincount(owners.ravel(), minlength=flat.shape[1])
        return (flat / np.maximum(counts, 1))[:, owners]


@dataclass(frozen=True, eq=False)
class Question:
    """Input of a method."""

    network: Network
    trace: Trace
    target: Target
    stage: str  # STREAM.STAGE, ``spatial`` and ``temporal`` both meaning both streams
    progress: Progress = no_progress


@dataclass(frozen=True, eq=False)
class Answer:
    """Output of a method."""

    maps: dict[str, StreamMap]  # spatial, temporal, or fused
    score: float
    change: float  # the score less that of the baseline; the score itself without one
    gap: float | None = None  # sum of the maps less the change; None: not promised
    notes: tuple[str, ...] = ()  # sentences


@dataclass(frozen=True, eq=False)
class Attribution:
    """The result of one method on one run, with its completeness gap."""

    method: str  # a name in ``ATTRIBUTION_METHODS``
    target: Target
    maps: Mapping[str, StreamMap]  # spatial, temporal, or fused
    stage: str  # the stage used; empty: the input
    baseline: str  # what replaces an absent stream; empty: not used by the method
    score: float
    change: float  # the score minus the score at the baseline; the maps should add up to it
    gap: float | None  # completeness gap: sum of the maps minus ``change``; None: not complete
    seconds: float
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        seal(self)

    @property
    def limit(self) -> float:
        """The largest absolute value on the common scale of all maps; see ``robust_limit``."""
        cells = [one.cells.ravel() for one in self.maps.values()]
        return robust_limit(np.concatenate(cells)) if cells else 0.0


def summed(pixels: np.ndarray, short: int = 28) -> np.ndarray:
    """(T, H, W) -> (T, h, w): sums over blocks, ``short`` of them along the short side."""
    height, width = pixels.shape[1:]
    scale = min(1.0, short / min(height, width))
    for axis, size in ((1, height), (2, width)):
        edges = np.linspace(0, size, round(size * scale) + 1).round().astype(int)
        pixels = np.add.reduceat(pixels, edges[:-1], axis=axis)
    return pixels


def rank_correlation(one: StreamMap, other: StreamMap, side: int = 56) -> float:
    """Spearman correlation over all places and chunks; NaN if a map is constant."""
    from scipy.stats import rankdata  # imported here: it takes a third as long as torch

    ranked = [rankdata(each.spread(side, side).ravel()) for each in (one, other)]
    if any(np.ptp(ranks) == 0 for ranks in ranked):
        return float("nan")
    return float(np.corrcoef(*ranked)[0, 1])


def _owners(pixels: int, cells: int, low: float, high: float) -> np.ndarray:
    """(pixels,) the index of the cell along one side."""
    at = ((np.arange(pixels) + 0.5) / pixels - low) / (high - low) * cells
    return np.clip(np.floor(at).astype(int), 0, cells - 1)
