"""Flow reel: a clip's frames beside its flow by several methods, drawn one way on one scale."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from core.explain.heatmaps import Reading
from core.explain.measures import full_colour
from core.records import Progress, silent
from core.reel import add_pictures, image, unpack_header, unpack_payload, write_reel
from core.trace import Trace
from core.video.flow import TITLES
from core.video.flowpictures import DRAWN, LEGENDS, Scale
from core.video.flowscore import clipped_share


def flow_reel(
    reel: bytes,
    trace: Trace,
    flows: Mapping[str, np.ndarray],
    drawn: str,
    progress: Progress = silent,
) -> bytes:
    """A run's reel with the flow of every method in place of its maps.

    All have the scale of the run's own flow: what one method mistakes must not pale the others.

    Args:
        flows: method -> (N-1, 2, H, W) pixels, in the order of the panels.
        drawn: how, by its name in ``DRAWN``.
    """
    header = dict(unpack_header(reel))
    header["videos"] = {"frame": header["videos"]["frame"]}
    payload = bytearray(unpack_payload(reel)[: header["videos"]["frame"][-1]])
    height, width = trace.snippets.flow.shape[2:]
    scale = Scale(full_colour(trace.flow), (height, width))
    frames, last = trace.clip.frames, len(trace.clip.frames) - 2
    frame_panel, flow_panel = header["panels"][:2]
    panels: list[dict[str, Any]] = [frame_panel]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for place, (method, flow) in enumerate(flows.items()):

            def picture(n: int, flow: np.ndarray = flow) -> bytes:
                return image(DRAWN[drawn](flow[min(n, last)], frames[n], scale))

            video = f"{method} {'flow' if drawn == 'wheel' else drawn}"
            pictures = []
            for n, made in enumerate(pool.map(picture, range(len(frames))), start=1):
                pictures.append(made)
                progress("pictures", (place + n / len(frames)) / len(flows))
            header["videos"][video] = add_pictures(payload, pictures)
            named = {"key": method, "title": _title(method), "video": video}
            panels.append({**flow_panel, **named, **_said(drawn, flow, scale)})
    header |= {"panels": panels, "shown": [panel["key"] for panel in panels]}
    return write_reel(header, payload)


def readings_of_flows(
    flows: Mapping[str, np.ndarray], frame: int, x: float, y: float
) -> list[Reading]:
    """What every method measured at a place (x, y in shares of the picture) of a frame."""
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


def _said(drawn: str, flow: np.ndarray, scale: Scale) -> dict[str, Any]:
    """The line over a panel, and the bar under it."""
    height, width = scale.size
    clipped = f"{clipped_share(flow):.1%} of the pixels clipped"
    words = {
        "wheel": f"full colour at {scale.full:.1f} px/frame",
        "speed": f"brightest at {scale.full:.1f} px/frame",
        "arrows": f"a step of the grid is {scale.full:.1f} px/frame",
        "u": f"to the right, {width} x {height}, 8 bits; {clipped}",
        "v": f"downwards, {width} x {height}, 8 bits; {clipped}",
    }
    if drawn not in LEGENDS:
        return {"detail": words[drawn]}
    stops, low = LEGENDS[drawn]
    high = -low if low else scale.full
    return {"detail": words[drawn], "bar": {"low": low, "high": high, "stops": stops}}
