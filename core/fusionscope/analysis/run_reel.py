"""Run reel: the frames, the coloured flow and the maps of one run."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import cv2
import numpy as np
from PIL import Image

from fusionscope.analysis.panel import FLOW, FRAME, Chunk, MapOnPanel, Panel, Video
from fusionscope.analysis.reel import Reel
from fusionscope.base.colour_ramps import SIGNED
from fusionscope.base.records import Progress, no_progress
from fusionscope.base.scales import robust_limit, share_words, signed_scale
from fusionscope.base.streams import STREAMS
from fusionscope.explain.heatmaps import HeatMap
from fusionscope.explain.ledger.ledger import Passes
from fusionscope.explain.ledger.sentence import NO_BETTER, predicted
from fusionscope.explain.measures import full_colour
from fusionscope.trace import Trace
from fusionscope.video.flow.methods import TITLES, flow_colours, speed

_QUALITY = 82
_EDGE = 0.005  # share of the picture: a narrower edge is not mentioned


def run_reel(
    trace: Trace,
    maps: Sequence[HeatMap],
    progress: Progress = no_progress,
    full: float | None = None,
) -> Reel:
    """Make the reel of a run and its maps.

    Flow field n belongs to frame n; the last frame repeats the last field. The strongest chunk is
    that of the map ``why``: the evidence for the prediction of the deciding head.

    Args:
        full: speed drawn in full colour, in pixels a frame; None: chosen for this flow.
    """
    clip, chosen = trace.clip, full is None
    full = full or full_colour(trace.flow)
    count = len(clip.frames)
    numbers = [*range(count - 1), count - 2]

    def pictured(n: int) -> tuple[bytes, bytes, float, float]:
        field = trace.flow[numbers[n]]
        speeds = speed(field)
        measured = float(speeds.mean()), float((speeds > full).mean())
        return image(clip.frames[n]), image(flow_colours(field, full)), *measured

    made = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for n, one in enumerate(pool.map(pictured, range(count)), start=1):
            made.append(one)
            progress("pictures", n / count)
    frames, fields, motion, above = zip(*made, strict=True)
    flow_name = TITLES.get(trace.card.flow, trace.card.flow)
    detail = f"{flow_name}, full colour at {full:.1f} px/frame"
    detail += f", {share_words(float(np.mean(above[:-1])))} above"
    detail += " (99th percentile)" if chosen and full > 1 else ""
    panels = (
        Panel(FRAME, "frame", "", "appearance", FRAME),
        Panel(FLOW, "flow", detail, "motion", FLOW),
        *map(map_panel, maps),
    )
    drawn = [panel.key for panel in panels]
    shown = [key for key in (FRAME, FLOW, "fused", "why") if key in drawn]
    shown += [key for key in STREAMS if key in drawn and "fused" not in drawn]
    places = zip(trace.snippets.frames, trace.snippets.spans, strict=True)
    return Reel(
        clip=clip.digest,
        fps=clip.fps,
        frames=count,
        width=clip.frames.shape[2],
        height=clip.frames.shape[1],
        videos={FRAME: Video(frames), FLOW: Video(fields)},
        panels=panels,
        shown=tuple(shown),
        chunks=tuple(Chunk(int(frame), first, last) for frame, (first, last) in places),
        strongest=strongest_chunk([heat.cells for heat in maps if heat.key == "why"]),
        motion=tuple(round(mean, 3) for mean in motion),
    )


def map_panel(heat: HeatMap, scale: tuple[float, float] | None = None) -> Panel:
    """The panel of a map, by default on its own scale; maps of motion are drawn over the flow."""
    low, high = scale or own_scale(heat)
    cells = np.round((heat.cells - low).clip(0, high - low) / (high - low) * 255).astype(np.uint8)
    flat = heat.cells.ravel()
    beyond = tuple((int(i), float(flat[i])) for i in np.flatnonzero((flat < low) | (flat > high)))
    notes = f"; {share_words(len(beyond) / flat.size)} of cells beyond the scale" if beyond else ""
    left, top, right, bottom = (round(share, 4) for share in heat.extent)
    if max(left, top, 1 - right, 1 - bottom) > _EDGE:
        notes += "; lines at the edge: outside the map"
    ramp = "chance" if heat.at_chance else SIGNED if low < 0 else None
    return Panel(
        heat.key,
        heat.title,
        heat.detail + notes,
        heat.colour,
        FLOW if heat.colour == "motion" else FRAME,
        MapOnPanel(cells, low, high, (left, top, right, bottom), ramp, beyond),
        heat.unit,
        sums=tuple(zip(*signed_sums(heat.cells).tolist(), strict=True)),
    )


def signed_sums(cells: np.ndarray) -> np.ndarray:
    """(T, h, w) -> (2, T): the sums of the positive and of the negative values of each chunk."""
    axes = tuple(range(1, cells.ndim))
    parts = cells.clip(min=0), cells.clip(max=0)
    return np.stack([part.sum(axis=axes, dtype=float) for part in parts])


def strongest_chunk(maps: Sequence[np.ndarray]) -> int | None:
    """The chunk with the most evidence for the class: the largest sum of all cells of all maps.

    Negative evidence counts against it. None if no chunk has evidence for the class; the first of
    equals.

    Args:
        maps: (T, h, w) each, of one target.
    """
    if not maps:
        return None
    net = np.sum([signed_sums(cells).sum(axis=0) for cells in maps], axis=0)
    return int(net.argmax()) if net.max() > 0 else None


def of_prediction(heat: HeatMap, passes: Passes) -> HeatMap:
    """The map of a prediction; one that is no better than chance is grey, and its title says so."""
    if not predicted(passes).guess:
        return heat
    return replace(heat, detail=f"{NO_BETTER}: {heat.detail}", at_chance=True)


def own_scale(heat: HeatMap) -> tuple[float, float]:
    """Lowest and highest value of the colour scale; it includes 0, which is drawn transparent.

    The limit is that of ``robust_limit``; a map with negative values has 0 in the middle.
    """
    limit = robust_limit(heat.cells)
    if heat.signed or heat.cells.min() < 0:
        return signed_scale(limit)
    return 0.0, max(limit, 1e-6)


def thumbnail(picture: np.ndarray, height: int = 72) -> bytes:
    """(H, W, 3) uint8 -> a small WebP for a clip card."""
    width = round(picture.shape[1] * height / picture.shape[0])
    return image(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA))


def image(picture: np.ndarray) -> bytes:
    """(H, W, 3) uint8 -> WebP, four times as fast as with OpenCV and a fifth larger."""
    held = io.BytesIO()
    Image.fromarray(picture).save(held, "WEBP", quality=_QUALITY, method=1)
    return held.getvalue()
