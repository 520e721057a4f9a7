"""Stage maps: what each stage of a network made of a clip, as the diagram draws it.

They come from the trace of the run: the network is not run again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from fusionscope.analysis.run_reel import map_panel
from fusionscope.base.streams import COLOURS
from fusionscope.explain.heatmaps import HeatMap
from fusionscope.explain.map_extent import extent_of
from fusionscope.explain.measures import channel_mean
from fusionscope.trace import Trace

if TYPE_CHECKING:
    from fusionscope.nets.network import Network

MOST = 64  # cells a side: more are not seen in a small map


@dataclass(frozen=True)
class StageMaps:
    """The maps of one run, one byte per cell."""

    clip: str = ""  # digest of the clip
    header: dict[str, Any] = field(default_factory=dict)  # "stream.stage" -> as in the player
    payload: bytes = b""


def stage_maps(trace: Trace, network: Network) -> StageMaps:
    """The mean over channels of every stage; of a stage with one cell, all channels side by side.

    Each map has its own scale. ``channels`` in a map's header tells the second kind.
    """
    header, parts, size = {}, [], 0
    for stream, colour in COLOURS.items():
        for name, maps in trace.maps(stream).items():
            flat = maps.shape[2] * maps.shape[3] == 1
            cells = side_by_side(maps[..., 0, 0]) if flat else channel_mean(maps)
            extent = (0.0, 0.0, 1.0, 1.0)
            if not flat:
                extent, _ = extent_of(trace, network, name, maps.shape[2:])
            drawn = map_panel(HeatMap(name, name, "", colour, shrunk(cells), extent)).map
            if drawn is None:
                raise ValueError(f"expected a map of {stream} {name}, got none")
            header[f"{stream}.{name}"] = {
                "offset": size,
                "shape": drawn.cells.shape,
                "low": drawn.low,
                "high": drawn.high,
                "extent": drawn.extent,
                "channels": maps.shape[1] if flat else 0,
            }
            parts.append(drawn.cells.tobytes())
            size += drawn.cells.size
    return StageMaps(trace.clip.digest, header, b"".join(parts))


def side_by_side(channels: np.ndarray) -> np.ndarray:
    """(T, C) -> (T, s, s): channel 0 at the top left, row by row; the last places are 0."""
    chunks, count = channels.shape
    side = math.ceil(math.sqrt(count))
    padded = np.zeros((chunks, side * side), channels.dtype)
    padded[:, :count] = channels
    return padded.reshape(chunks, side, side)


def shrunk(cells: np.ndarray) -> np.ndarray:
    """(T, h, w) -> at most ``MOST`` cells a side, each the mean of a block of cells."""
    for axis in (1, 2):
        by = math.ceil(cells.shape[axis] / MOST)
        if by > 1:
            starts = np.arange(0, cells.shape[axis], by)
            counts = np.diff([*starts, cells.shape[axis]])
            shape = np.roll((1, 1, len(counts)), axis - 2)
            cells = np.add.reduceat(cells, starts, axis=axis) / counts.reshape(shape)
    return cells
