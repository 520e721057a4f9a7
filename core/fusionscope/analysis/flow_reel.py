"""Flow reel: the frames of a clip and its flow by several methods, drawn on one scale."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from fusionscope.analysis.flow_drawing import DRAWN, LEGENDS, Scale
from fusionscope.analysis.panel import FLOW, FRAME, Bar, Video
from fusionscope.analysis.reel import Reel
from fusionscope.analysis.run_reel import image
from fusionscope.base.records import Progress, no_progress
from fusionscope.base.scales import share_words
from fusionscope.explain.heatmaps import Reading
from fusionscope.explain.measures import full_colour, share_above
from fusionscope.trace import Trace
from fusionscope.video.flow.methods import TITLES
from fusionscope.video.flow.score import clipped_share


def flow_reel(
    reel: Reel,
    trace: Trace,
    flows: Mapping[str, np.ndarray],
    drawn: str,
    progress: Progress = no_progress,
) -> Reel:
    """Replace the maps of a run's reel by the flow of each method.

    All have the scale of the run's own flow, so that errors of one method do not fade the others.

    Args:
        flows: method -> (N-1, 2, H, W) pixels, in the order of the panels.
        drawn: how the flow is drawn, a name in ``DRAWN``.
    """
    height, width = trace.snippets.flow.shape[2:]
    scale = Scale(full_colour(trace.flow), (height, width))
    frames, last = trace.clip.frames, len(trace.clip.frames) - 2
    panels, videos = [reel.panel(FRAME)], {FRAME: reel.videos[FRAME]}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for place, (method, flow) in enumerate(flows.items()):

            def picture(n: int, flow: np.ndarray = flow) -> bytes:
                return image(DRAWN[drawn](flow[min(n, last)], frames[n], scale))

            video = f"{method} {'flow' if drawn == 'wheel' else drawn}"
            pictures = []
            for n, made in enumerate(pool.map(picture, range(len(frames))), start=1):
                pictures.append(made)
                progress("pictures", (place + n / len(frames)) / len(flows))
            videos[video] = Video(tuple(pictures))
            detail, bar = _legend(drawn, flow, scale)
            named = replace(reel.panel(FLOW), key=method, title=_title(method), video=video)
            panels.append(replace(named, detail=detail, bar=bar))
    shown = tuple(panel.key for panel in panels)
    return replace(reel, videos=videos, panels=tuple(panels), shown=shown)


def readings_of_flows(
    flows: Mapping[str, np.ndarray], frame: int, x: float, y: float
) -> list[Reading]:
    """The flow of each method at a place of a frame; x and y are shares of the picture."""
    found = []
    for method, flow in flows.items():
        field = flow[min(frame, len(flow) - 1)]
        height, width = field.shape[1:]
        u, v = field[:, min(int(y * height), height - 1), min(int(x * width), width - 1)]
        sideways, upright = "right" if u > 0 else "left", "down" if v > 0 else "up"
        value = f"{abs(u):.1f} {sideways}, {abs(v):.1f} {upright} px/frame"
        found.append(Reading(_title(method), "motion", value))
    return found


def _title(method: str) -> str:
    return "true flow" if method == "true" else TITLES.get(method, method)


def _legend(drawn: str, flow: np.ndarray, scale: Scale) -> tuple[str, Bar | None]:
    """The detail line above a panel and the colour bar below it."""
    height, width = scale.size
    shares = clipped_share(flow), share_above(flow, scale.full)
    clipped = f"{share_words(shares[0])} of the pixels clipped"
    above = f"{share_words(shares[1])} above"
    words = {
        "wheel": f"full colour at {scale.full:.1f} px/frame, {above}",
        "speed": f"brightest at {scale.full:.1f} px/frame, {above}",
        "arrows": f"arrow of one grid step: {scale.full:.1f} px/frame",
        "u": f"rightward, {width} x {height}, 8 bits; {clipped}",
        "v": f"downward, {width} x {height}, 8 bits; {clipped}",
    }
    if drawn not in LEGENDS:
        return words[drawn], None
    stops, low = LEGENDS[drawn]
    high = -low if low else scale.full
    return words[drawn], Bar(low, high, stops, shares[0 if low else 1] > 0)
