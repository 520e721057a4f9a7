"""Heat maps: values on a grid of cells over time, with the words that must stand by them."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from core.explain.attribution import grad_cam
from core.explain.measures import channel_mean, top
from core.nets.geometry import Field, receptive_field
from core.nets.network import Network
from core.records import seal
from core.trace import Trace

COLOURS = {"spatial": "appearance", "temporal": "motion", "fused": "fused"}
"""Whose colour the maps of a stream are drawn in."""

_FIELDS: MutableMapping[Network, dict[str, Field]] = WeakKeyDictionary()
"""What a stage's cells look at: the same for every clip, and slow to find out anew."""


@dataclass(frozen=True, eq=False)
class HeatMap:
    """A value for each cell and chunk."""

    key: str  # spatial, temporal, fused, why
    title: str
    detail: str  # method, layer, class
    colour: str  # appearance, motion, fused
    cells: np.ndarray  # (T, h, w)
    extent: tuple[float, float, float, float]  # left, top, right, bottom in shares of the picture
    unit: str = "activation"

    def __post_init__(self) -> None:
        seal(self)

    def cell_at(self, x: float, y: float) -> tuple[int, int]:
        """Row and column of the cell that looks at a place, or is nearest to it."""
        left, top_, right, bottom = self.extent
        _, rows, columns = self.cells.shape
        row = int((y - top_) / (bottom - top_) * rows)
        column = int((x - left) / (right - left) * columns)
        return min(max(row, 0), rows - 1), min(max(column, 0), columns - 1)


@dataclass(frozen=True)
class Reading:
    """One number at one place, ready to be shown."""

    name: str
    colour: str
    value: str


def activation_maps(trace: Trace, network: Network, stage: str = "relu5") -> list[HeatMap]:
    """The mean over channels of one stage, of each stream that has it and of the fused map."""
    found = []
    for stream, colour in COLOURS.items():
        maps = trace.maps(stream).get(stage)
        if maps is not None:
            place = f"{trace.card.fusion}@{stage}" if stream == "fused" else stage
            detail = f"{place}, mean of {maps.shape[1]} channels"
            extent = _extent(trace, network, stage, maps.shape[2:])
            found.append(HeatMap(stream, stream, detail, colour, channel_mean(maps), extent))
    return found


def why(trace: Trace, network: Network, head: str, stage: str = "relu5") -> HeatMap:
    """Grad-CAM of what the network says: where the streams have met, else on its first stream."""
    stream = next(s for s in ("fused", "spatial", "temporal") if stage in trace.maps(s))
    (label, _), *_ = top(trace.final, trace.card.labels)
    cells = grad_cam(network, trace.snippets, stream, stage, head, trace.card.labels.index(label))
    detail = f"Grad-CAM of “{label}” on {stream} {stage}"
    extent = _extent(trace, network, stage, cells.shape[1:])
    return HeatMap("why", "why", detail, COLOURS[stream], cells, extent, "evidence")


def readings(
    trace: Trace, maps: tuple[HeatMap, ...], frame: int, x: float, y: float
) -> list[Reading]:
    """What the flow and every map hold at a place of a frame; x and y are shares of the picture.

    Maps are read in the chunk whose frame is nearest.
    """
    height, width = trace.clip.frames.shape[1:3]
    row, column = min(int(y * height), height - 1), min(int(x * width), width - 1)
    u, v = trace.flow[min(frame, len(trace.flow) - 1), :, row, column]
    found = [Reading("flow", "motion", f"{u:+.1f}, {v:+.1f} px/frame")]
    chunk = int(np.argmin(np.abs(trace.snippets.frames - frame)))
    for heat in maps:
        value = heat.cells[(chunk, *heat.cell_at(x, y))]
        found.append(Reading(heat.title, heat.colour, f"{value:.3g}"))
    return found


def _extent(
    trace: Trace, network: Network, stage: str, cells: tuple[int, ...]
) -> tuple[float, float, float, float]:
    """Where the grid of a stage lies; both towers have one geometry until they meet."""
    known = _FIELDS.setdefault(network, {})
    if stage not in known:
        tower = network.spatial or network.temporal
        if tower is None:
            raise ValueError("expected a network with a tower, got none")
        names = list(tower.stages)
        known[stage] = receptive_field(tower.stages[at] for at in names[: names.index(stage) + 1])
    field = known[stage]
    height, width = trace.snippets.rgb.shape[2:]
    top_, bottom = field.span(cells[0], height)
    left, right = field.span(cells[1], width)
    return left, top_, right, bottom
