"""Lens reel: a run's pictures with other maps on them: a fused unit in its parts, a stage, a why.

Pictures are taken over as they were packed for the run.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.explain.attributions import Attribution
from core.explain.heatmaps import HeatMap, extent_of
from core.explain.measures import channel_mean
from core.explain.meeting import Meeting
from core.explain.methods import METHODS
from core.nets.network import Network
from core.reel import map_panel, own_scale, signed_scale, unpack_header, unpack_payload, write_reel
from core.streams import COLOURS
from core.trace import Trace


def lens_reel(
    reel: bytes, network: Network, trace: Trace, met: Meeting, looks_at: float | None
) -> bytes:
    """Frame, flow, what either stream gives to a fused unit, and the unit, on one scale.

    Args:
        looks_at: pixels a side of what the network is fed that a cell looks at; infinite for all of
            it, None where that is not known.
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
    return _redrawn(reel, maps, (min(lows), max(highs)), _look(trace, looks_at))


def stage_reel(
    reel: bytes, network: Network, trace: Trace, stream: str, stage: str, looks_at: float | None
) -> bytes:
    """Frame, flow, and the mean over channels of one stage."""
    maps = trace.maps(stream)[stage]
    cells = _each_chunk(channel_mean(maps), trace)
    extent, note = extent_of(trace, network, stage, cells.shape[1:])
    detail = f"mean of {maps.shape[1]} channels, {cells.shape[1]} x {cells.shape[2]} cells{note}"
    heat = HeatMap("stage", f"{stream} {stage}", detail, COLOURS[stream], cells, extent)
    return _redrawn(reel, [heat], None, _look(trace, looks_at))


def attribution_reel(reel: bytes, trace: Trace, found: Attribution) -> bytes:
    """Frame, flow, and what a method says of each stream, on one scale, in two colours if signed.

    Maps of motion lie on the flow that they speak of.
    """
    method = METHODS[found.method]
    where = found.stage.partition(".")[2]
    maps = []
    for stream, one in found.maps.items():
        detail = f"{method.title} of {found.target}" + (f", {where}" if where else "")
        title = f"why, {COLOURS[stream]}"
        unit = "of the score" if method.shared else "evidence"
        cells = _each_chunk(one.cells, trace)
        maps.append(
            HeatMap(stream, title, detail, COLOURS[stream], cells, one.extent, unit, method.signed)
        )
    scale = signed_scale(found.limit) if method.signed else (0.0, max(found.limit, 1e-6))
    return _redrawn(reel, maps, scale, None)


def pin_of(reel: bytes, cell: tuple[int, int, int]) -> dict[str, float]:
    """Where the player is to stand for a cell: its middle in shares of the picture, and the frame.

    ``cell`` is chunk, row and column on the grid of the reel's maps.
    """
    header, (chunk, row, column) = unpack_header(reel), cell
    grid = header["panels"][-1]["map"]
    (left, top, right, bottom), (_, rows, columns) = grid["extent"], grid["shape"]
    x = left + (column + 0.5) * (right - left) / columns
    y = top + (row + 0.5) * (bottom - top) / rows
    frame = header["chunks"][chunk]["frame"]
    return {"x": round(min(max(x, 0), 1), 4), "y": round(min(max(y, 0), 1), 4), "frame": frame}


def _look(trace: Trace, looks_at: float | None) -> dict[str, float] | None:
    """How much of the picture a cell looks at, in shares; the player cuts it off at the edges."""
    if looks_at is None:
        return None
    height, width = trace.snippets.rgb.shape[2:]
    size = min(looks_at, 2 * max(height, width))
    return {"width": round(size / width, 4), "height": round(size / height, 4)}


def _redrawn(
    reel: bytes,
    maps: Sequence[HeatMap],
    scale: tuple[float, float] | None,
    look: dict[str, float] | None,
) -> bytes:
    header = {**unpack_header(reel), "look": look}
    payload = bytearray(unpack_payload(reel)[: header["videos"]["flow"][-1]])
    panels = [*header["panels"][:2], *(map_panel(payload, heat, scale) for heat in maps)]
    header |= {"panels": panels, "shown": [panel["key"] for panel in panels]}
    return write_reel(header, payload)


def _each_chunk(cells: np.ndarray, trace: Trace) -> np.ndarray:
    """Maps that were pooled over chunks stand for every chunk."""
    chunks = len(trace.snippets.frames)
    return cells if len(cells) == chunks else np.repeat(cells[:1], chunks, axis=0)
