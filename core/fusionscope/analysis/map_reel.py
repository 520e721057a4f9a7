"""Map reel: the pictures of a run with other maps: a fused unit, a stage, an attribution.

The videos are those of the run's reel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fusionscope.analysis.panel import FLOW, FRAME, Look, Pin
from fusionscope.analysis.reel import Reel
from fusionscope.analysis.run_reel import (
    map_panel,
    of_prediction,
    own_scale,
    strongest_chunk,
)
from fusionscope.base.scales import shared_scale, signed_scale
from fusionscope.base.streams import COLOURS
from fusionscope.explain.attribution.methods import ATTRIBUTION_METHODS
from fusionscope.explain.attribution.records import Attribution
from fusionscope.explain.fusion.contributions import UnitContributions
from fusionscope.explain.heatmaps import HeatMap
from fusionscope.explain.ledger.ledger import Passes
from fusionscope.explain.map_extent import extent_of
from fusionscope.explain.measures import channel_mean
from fusionscope.nets.network import Network
from fusionscope.trace import Trace


def lens_reel(
    reel: Reel, network: Network, trace: Trace, met: UnitContributions, looks_at: float | None
) -> Reel:
    """Frame, flow, the contributions of both streams to a fused unit, and the unit, on one scale.

    Args:
        looks_at: the receptive field of a cell, in pixels a side of the network's input; infinite
            if it is the whole input, None if unknown.
    """
    parts = (("appearance", met.appearance), ("motion", met.motion), ("fused", met.fused))
    maps = []
    for name, cells in parts:
        title = f"unit {met.channel}" if name == "fused" else name
        extent, note = extent_of(trace, network, met.place, cells.shape[1:])
        detail = f"contribution to unit {met.channel} at {met.place}{note}"
        if name == "fused":
            detail = f"{trace.card.fusion}@{met.place}{note}, output"
        maps.append(HeatMap(name, title, detail, name, _each_chunk(cells, trace), extent))
    return _redrawn(reel, maps, shared_scale([*map(own_scale, maps)]), _look(trace, looks_at))


def stage_reel(
    reel: Reel, network: Network, trace: Trace, stream: str, stage: str, looks_at: float | None
) -> Reel:
    """Frame, flow and the mean over channels of one stage."""
    maps = trace.maps(stream)[stage]
    cells = _each_chunk(channel_mean(maps), trace)
    extent, note = extent_of(trace, network, stage, cells.shape[1:])
    detail = f"mean of {maps.shape[1]} channels, {cells.shape[1]} x {cells.shape[2]} cells{note}"
    heat = HeatMap("stage", f"{stream} {stage}", detail, COLOURS[stream], cells, extent)
    return _redrawn(reel, [heat], None, _look(trace, looks_at))


def attribution_reel(
    reel: Reel, trace: Trace, found: Attribution, passes: Passes | None = None
) -> Reel:
    """Frame, flow and the attribution maps, on one scale, in two colours if signed.

    Maps of motion are drawn over the flow. The strongest chunk is that of both maps together.
    """
    method = ATTRIBUTION_METHODS[found.method]
    where = found.stage.partition(".")[2]
    maps = []
    for stream, one in found.maps.items():
        detail = f"{method.title} of {found.target}" + (f", {where}" if where else "")
        title = f"why, {COLOURS[stream]}"
        unit = "of the score" if method.shared else "evidence"
        cells = _each_chunk(one.cells, trace)
        heat = HeatMap(
            stream, title, detail, COLOURS[stream], cells, one.extent, unit, method.signed
        )
        if passes is not None and found.target.label == passes.said:
            heat = of_prediction(heat, passes)
        maps.append(heat)
    scale = signed_scale(found.limit) if method.signed else (0.0, max(found.limit, 1e-6))
    strongest = strongest_chunk([heat.cells for heat in maps])
    return replace(_redrawn(reel, maps, scale, None), strongest=strongest)


def pin_of(reel: Reel, cell: tuple[int, int, int]) -> Pin:
    """The pin of a cell: its middle in shares of the picture, and its frame.

    ``cell`` is chunk, row and column on the grid of the fused map.
    """
    chunk, row, column = cell
    grid = reel.grid_of(reel.panel(FRAME))
    if grid is None:
        raise ValueError("expected a reel with a fused map, got one without")
    x, y = (round(min(max(share, 0), 1), 4) for share in grid.middle_of(row, column))
    return Pin(x, y, reel.chunks[chunk].frame)


def _look(trace: Trace, looks_at: float | None) -> Look | None:
    """The receptive field in shares of the picture; the player clips it at the edges."""
    if looks_at is None:
        return None
    height, width = trace.snippets.rgb.shape[2:]
    size = min(looks_at, 2 * max(height, width))
    return Look(round(size / width, 4), round(size / height, 4))


def _redrawn(
    reel: Reel,
    maps: Sequence[HeatMap],
    scale: tuple[float, float] | None,
    look: Look | None,
) -> Reel:
    drawn = (map_panel(heat, scale) for heat in maps)
    panels = (reel.panel(FRAME), reel.panel(FLOW), *drawn)
    shown = tuple(panel.key for panel in panels)
    return replace(reel, panels=panels, shown=shown, look=look)


def _each_chunk(cells: np.ndarray, trace: Trace) -> np.ndarray:
    """(T or 1, h, w) -> (T, h, w): a map pooled over chunks is repeated for every chunk."""
    chunks = len(trace.snippets.frames)
    return cells if len(cells) == chunks else np.repeat(cells[:1], chunks, axis=0)
