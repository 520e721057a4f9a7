"""Lens reel: a run's pictures with other maps on them: one fused unit in its parts, or one stage.

Pictures are taken over as they were packed for the run.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from core.explain.heatmaps import COLOURS, HeatMap, extent_of
from core.explain.measures import channel_mean
from core.explain.meeting import Meeting
from core.nets.network import Network
from core.reel import map_panel, own_scale, unpack_header, unpack_payload, write_reel
from core.trace import Trace


def lens_reel(
    reel: bytes, network: Network, trace: Trace, met: Meeting, cell: tuple[int, int, int]
) -> bytes:
    """Frame, flow, what either stream gives to a fused unit, and the unit, on one scale.

    ``cell`` is chunk, row and column of the cell that is picked.
    """
    parts = (("appearance", met.appearance), ("motion", met.motion), ("fused", met.fused))
    maps = []
    for name, cells in parts:
        title = f"unit {met.channel}" if name == "fused" else f"{name} part"
        extent, note = extent_of(trace, network, met.place, cells.shape[1:])
        detail = f"of unit {met.channel} at {met.place}{note}"
        if name == "fused":
            detail = f"{trace.card.fusion}@{met.place}{note}, as it goes on"
        maps.append(HeatMap(name, title, detail, name, _each_chunk(cells, trace), extent))
    lows, highs = zip(*map(own_scale, maps), strict=True)
    look = looks_at(network, trace, met.place)
    header = {"look": look, "pin": _place(maps[0], trace, cell)}
    return _redrawn(reel, maps, (min(lows), max(highs)), header)


def stage_reel(reel: bytes, network: Network, trace: Trace, stream: str, stage: str) -> bytes:
    """Frame, flow, and the mean over channels of one stage."""
    maps = trace.maps(stream)[stage]
    cells = _each_chunk(channel_mean(maps), trace)
    extent, note = extent_of(trace, network, stage, cells.shape[1:])
    detail = f"mean of {maps.shape[1]} channels, {cells.shape[1]} x {cells.shape[2]} cells{note}"
    heat = HeatMap("stage", f"{stream} {stage}", detail, COLOURS[stream], cells, extent)
    return _redrawn(reel, [heat], None, {"look": looks_at(network, trace, stage)})


def looks_at(network: Network, trace: Trace, stage: str) -> dict[str, float] | None:
    """How much of the picture a cell of a stage looks at, in shares; None where it is not known."""
    field = network.field(stage)
    if field is None:
        return None
    height, width = trace.snippets.rgb.shape[2:]
    size = min(field.size, 4 * max(height, width)) if math.isfinite(field.size) else 4 * width
    return {"width": round(size / width, 4), "height": round(size / height, 4)}


def _redrawn(
    reel: bytes,
    maps: Sequence[HeatMap],
    scale: tuple[float, float] | None,
    more: dict[str, Any],
) -> bytes:
    header = {**unpack_header(reel), **{key: value for key, value in more.items() if value}}
    payload = bytearray(unpack_payload(reel)[: header["videos"]["flow"][-1]])
    panels = [*header["panels"][:2], *(map_panel(payload, heat, scale) for heat in maps)]
    header |= {"panels": panels, "shown": [panel["key"] for panel in panels]}
    return write_reel(header, payload)


def _each_chunk(cells: np.ndarray, trace: Trace) -> np.ndarray:
    """Maps that were pooled over chunks stand for every chunk."""
    chunks = len(trace.snippets.frames)
    return cells if len(cells) == chunks else np.repeat(cells[:1], chunks, axis=0)


def _place(heat: HeatMap, trace: Trace, cell: tuple[int, int, int]) -> dict[str, float]:
    """The middle of a cell in shares of the picture, within it, and the frame of its chunk."""
    chunk, row, column = cell
    left, top, right, bottom = heat.extent
    _, rows, columns = heat.cells.shape
    x, y = (
        left + (column + 0.5) * (right - left) / columns,
        top + (row + 0.5) * (bottom - top) / rows,
    )
    frame = int(trace.snippets.frames[chunk])
    return {"x": round(min(max(x, 0), 1), 4), "y": round(min(max(y, 0), 1), 4), "frame": frame}
