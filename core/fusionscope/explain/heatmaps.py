"""Heat maps: values on a grid of cells over time, with their title, detail and unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fusionscope.base.numbers import class_name
from fusionscope.base.records import InputError, seal
from fusionscope.base.streams import COLOURS
from fusionscope.explain.map_extent import extent_of
from fusionscope.explain.measures import channel_mean, top
from fusionscope.trace import Trace

if TYPE_CHECKING:
    from fusionscope.nets.network import Network


@dataclass(frozen=True, eq=False)
class HeatMap:
    """A value for each chunk and cell."""

    key: str  # spatial, temporal, fused, why
    title: str
    detail: str  # method, layer, class
    colour: str  # appearance, motion, fused
    cells: np.ndarray  # (T, h, w)
    extent: tuple[float, float, float, float]  # left, top, right, bottom in shares of the picture
    unit: str = "activation"
    signed: bool = False  # drawn in two colours, for and against; 0 is the middle of its scale
    at_chance: bool = False  # of a prediction that is no better than chance: drawn in grey

    def __post_init__(self) -> None:
        seal(self)

    def cell_at(self, x: float, y: float) -> tuple[int, int]:
        """Row and column of the cell at, or nearest to, a place."""
        left, top_, right, bottom = self.extent
        _, rows, columns = self.cells.shape
        row = int((y - top_) / (bottom - top_) * rows)
        column = int((x - left) / (right - left) * columns)
        return min(max(row, 0), rows - 1), min(max(column, 0), columns - 1)


@dataclass(frozen=True)
class Reading:
    """The value of one map at one place, as text."""

    name: str
    colour: str
    value: str


def activation_maps(trace: Trace, network: Network, stage: str = "relu5") -> list[HeatMap]:
    """The mean over channels of a stage, for each stream that has it and for the fused map.

    If the network has no such stage: of the last stage of each stream that can be drawn.
    """
    found = []
    for stream, colour in COLOURS.items():
        name = _drawn(trace, stream, stage)
        if name is not None:
            maps = trace.maps(stream)[name]
            place = f"{trace.card.fusion}@{name}" if stream == "fused" else name
            detail = f"{place}, mean of {maps.shape[1]} channels"
            extent, note = extent_of(trace, network, name, maps.shape[2:])
            found.append(HeatMap(stream, stream, detail + note, colour, channel_mean(maps), extent))
    return found


def why(trace: Trace, network: Network, head: str, stage: str = "relu5") -> HeatMap:
    """Grad-CAM of the predicted class, on the fused map, else on the first stream.

    Raises:
        InputError: the network returns no map that can be drawn, or its score depends on none.
    """
    from fusionscope.explain.attribution.grad_cam import evidence

    drawn = {stream: _drawn(trace, stream, stage) for stream in ("fused", "spatial", "temporal")}
    stream, name = next(((s, n) for s, n in drawn.items() if n is not None), ("", ""))
    if not stream:
        raise InputError(f"{trace.card.title} returns no map with a grid for each chunk")
    (label, _), *_ = top(trace.final, trace.card.labels)
    cells = evidence(network, trace, stream, name, head, trace.card.labels.index(label))
    detail = f"Grad-CAM of “{class_name(label)}” on {stream} {name}"
    extent, note = extent_of(trace, network, name, cells.shape[1:])
    return HeatMap("why", "why", detail + note, COLOURS[stream], cells, extent, "evidence")


def readings(
    trace: Trace, maps: tuple[HeatMap, ...], frame: int, x: float, y: float
) -> list[Reading]:
    """The values of the flow and every map at a place of a frame; x and y in shares of the picture.

    Maps are read in the chunk with the nearest frame.
    """
    height, width = trace.clip.frames.shape[1:3]
    row, column = min(int(y * height), height - 1), min(int(x * width), width - 1)
    u, v = trace.flow[min(frame, len(trace.flow) - 1), :, row, column]
    u, v = (f"{round(float(way), 1) + 0.0:+.1f}".replace("-", "\N{MINUS SIGN}") for way in (u, v))
    found = [Reading("flow", "motion", f"{u}, {v} px/frame")]
    chunk = int(np.argmin(np.abs(trace.snippets.frames - frame)))
    for heat in maps:
        value = heat.cells[(chunk, *heat.cell_at(x, y))]
        found.append(Reading(heat.title, heat.colour, f"{value:.3g}"))
    return found


def _drawn(trace: Trace, stream: str, stage: str) -> str | None:
    """The stage of a stream to draw: one with a grid and a map for each chunk."""
    grids = [
        name
        for name, maps in trace.maps(stream).items()
        if len(maps) == trace.card.chunks and maps.shape[2] * maps.shape[3] > 1
    ]
    if stage in grids:
        return stage
    known = any(stage in trace.maps(other) for other in COLOURS)
    return None if known or not grids else grids[-1]
