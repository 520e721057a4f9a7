"""Reel: all that the player draws of a run, packed into one bytes value.

    4 bytes    length of the header, little-endian
    header     JSON: fps, frames, size, panels, chunks, motion; where each image and map lies
    payload    WebP images, then maps as uint8

Images of a video panel are numbered like the clip's frames; flow field n is drawn over frame n, and
the last one again over the last frame. A map holds T x h x w cells; value v stands for
low + v / 255 * (high - low). ``extent`` says which part of the picture its grid covers, ``ramp``
names a ramp of colours other than its stream's. A panel of another run than the header's brings
``chunks`` of its own.
"""

from __future__ import annotations

import io
import json
import os
import struct
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import cv2
import numpy as np
from PIL import Image

from core.explain.heatmaps import HeatMap
from core.explain.measures import full_colour, mean_speed
from core.records import Progress, digest_of, silent
from core.streams import STREAMS
from core.trace import Trace
from core.video.flow import TITLES, flow_colours

_QUALITY = 82


def pack_reel(
    trace: Trace,
    maps: Sequence[HeatMap],
    progress: Progress = silent,
    full: float | None = None,
) -> bytes:
    """Pack a run and its maps for the player.

    Args:
        full: pixels a frame that are drawn in full colour; None: what suits this flow.
    """
    clip, full = trace.clip, full or full_colour(trace.flow)
    count = len(clip.frames)
    numbers = [*range(count - 1), count - 2]

    def pictured(n: int) -> tuple[bytes, bytes, float]:
        field = trace.flow[numbers[n]]
        return image(clip.frames[n]), image(flow_colours(field, full)), mean_speed(field)

    made = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for n, one in enumerate(pool.map(pictured, range(count)), start=1):
            made.append(one)
            progress("pictures", n / count)
    frames, fields, motion = zip(*made, strict=True)
    payload = bytearray()
    videos = {"frame": add_pictures(payload, frames), "flow": add_pictures(payload, fields)}
    flow_name = (
        f"{TITLES.get(trace.card.flow, trace.card.flow)}, full colour at {full:.1f} px/frame"
    )
    panels = [
        _panel("frame", "frame", "", "appearance", "frame"),
        _panel("flow", "flow", flow_name, "motion", "flow"),
        *(map_panel(payload, heat) for heat in maps),
    ]
    drawn = [panel["key"] for panel in panels]
    header = {
        "version": 1,
        "clip": clip.digest,
        "fps": clip.fps,
        "frames": count,
        "width": clip.frames.shape[2],
        "height": clip.frames.shape[1],
        "videos": videos,
        "panels": panels,
        "shown": [key for key in ("frame", "flow", "fused", "why") if key in drawn]
        + [key for key in STREAMS if key in drawn and "fused" not in drawn],
        "chunks": [
            {"frame": int(frame), "first": first, "last": last}
            for frame, (first, last) in zip(
                trace.snippets.frames, trace.snippets.spans, strict=True
            )
        ],
        "motion": [round(v, 3) for v in motion],
    }
    return write_reel(header, payload)


def add_pictures(payload: bytearray, pictures: Iterable[bytes]) -> list[int]:
    """Put a video's pictures behind what is there: where each begins, and where the last ends."""
    offsets = [len(payload)]
    for picture in pictures:
        payload += picture
        offsets.append(len(payload))
    return offsets


def map_panel(
    payload: bytearray, heat: HeatMap, scale: tuple[float, float] | None = None
) -> dict[str, Any]:
    """Put a map behind what is there, on its own scale unless one is given: its panel."""
    low, high = scale or own_scale(heat)
    panel = _panel(heat.key, heat.title, heat.detail, heat.colour, "frame")
    if heat.colour == "motion":
        panel["video"] = "flow"
    panel["unit"] = heat.unit
    panel["map"] = {
        "offset": len(payload),
        "shape": heat.cells.shape,
        "low": low,
        "high": high,
        "extent": [round(share, 4) for share in heat.extent],
    }
    if heat.signed:
        panel["map"]["ramp"] = "signed"
    payload += np.round((heat.cells - low) / (high - low) * 255).astype(np.uint8).tobytes()
    return panel


def own_scale(heat: HeatMap) -> tuple[float, float]:
    """Lowest and highest value as drawn: 0 is in it, so that nothing is drawn as nothing."""
    if heat.signed:
        return signed_scale(float(np.abs(heat.cells).max()))
    return min(0.0, float(heat.cells.min())), max(float(heat.cells.max()), 1e-6)


def signed_scale(most: float) -> tuple[float, float]:
    """A scale with 0 in its middle that reaches to ``most`` both ways; byte 127 is exactly 0."""
    most = max(most, 1e-6)
    return -most, most * 128 / 127


def write_reel(header: Mapping[str, Any], payload: bytearray) -> bytes:
    """Header and payload in one; the digest names what the payload and the panels hold."""
    digest = digest_of(np.frombuffer(bytes(payload), np.uint8), json.dumps(header["panels"]))
    words = json.dumps({**header, "digest": digest}).encode()
    return struct.pack("<I", len(words)) + words + bytes(payload)


def unpack_header(reel: bytes) -> Mapping[str, Any]:
    """The header of a reel."""
    (length,) = struct.unpack_from("<I", reel)
    return json.loads(reel[4 : 4 + length])


def unpack_payload(reel: bytes) -> memoryview:
    """What the header's offsets count into."""
    (length,) = struct.unpack_from("<I", reel)
    return memoryview(reel)[4 + length :]


def thumbnail(picture: np.ndarray, height: int = 72) -> bytes:
    """(H, W, 3) uint8 -> a small WebP for a clip's card."""
    width = round(picture.shape[1] * height / picture.shape[0])
    return image(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA))


def _panel(key: str, title: str, detail: str, stream: str, video: str) -> dict[str, Any]:
    return {
        "key": key,
        "title": title,
        "detail": detail,
        "stream": stream,
        "video": video,
        "map": None,
    }


def image(picture: np.ndarray) -> bytes:
    """(H, W, 3) uint8 -> WebP, four times as fast as OpenCV's and a fifth larger."""
    held = io.BytesIO()
    Image.fromarray(picture).save(held, "WEBP", quality=_QUALITY, method=1)
    return held.getvalue()
