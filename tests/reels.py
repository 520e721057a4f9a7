"""Reels: a numbered clip, packed as the player reads it, by the words of its specification.

Frame n is a flat grey (or red, in the flow) that says n, and a map's cell says its chunk, row and
column, so that one picture in another's place is seen.
"""

import json
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

FRAMES, CHUNKS, OTHER_CHUNKS = 12, [1, 5, 9], [4, 6, 8]
EXTENTS = {"spatial": (0.125, 0.0, 0.875, 1.0)}  # left, top, right, bottom: a square's view
GRIDS = {"spatial": (2, 3), "fused": (4, 4), "why": (4, 4)}


def webp(colour: Sequence[int]) -> bytes:
    image = np.full((24, 32, 3), list(reversed(colour)), np.uint8)
    return cv2.imencode(".webp", image, [cv2.IMWRITE_WEBP_QUALITY, 101])[1].tobytes()


def reel(name: str, clip: str, frames: int = FRAMES) -> bytes:
    payload, videos, maps = b"", {}, {}
    for video, colour in {"frame": (1, 1, 1), "flow": (1, 0, 0)}.items():
        videos[video] = [len(payload)]
        for n in range(frames):
            payload += webp([c * grey(n) for c in colour])
            videos[video].append(len(payload))
    for panel, (rows, columns) in GRIDS.items():
        low, high = (-5.0, 5.0) if panel == "why" else (0.0, 25.5)
        shape = [len(CHUNKS), rows, columns]
        maps[panel] = {"offset": len(payload), "shape": shape, "low": low, "high": high}
        if panel in EXTENTS:
            maps[panel]["extent"] = EXTENTS[panel]
        t, r, c = np.indices(shape)
        payload += (100 * t + 10 * r + c).astype(np.uint8).tobytes()
    streams = {"frame": "appearance", "flow": "motion", "spatial": "appearance"}
    panels = [
        {
            "key": key,
            "title": key,
            "detail": f"<b>{key}</b>",
            "stream": streams.get(key, "fused"),
            "video": "flow" if key == "flow" else "frame",
            "map": maps.get(key),
        }
        for key in ("frame", "flow", "spatial", "fused", "why")
    ]
    header = {
        "version": 1,
        "digest": name,
        "clip": clip,
        "fps": 12.0,
        "frames": frames,
        "width": 32,
        "height": 24,
        "videos": videos,
        "panels": panels,
        "shown": ["frame", "flow", "spatial", "fused"],
        "chunks": [{"frame": c, "first": c - 1, "last": c + 1} for c in CHUNKS],
        "motion": [float(n % 4) for n in range(frames)],
    }
    text = json.dumps(header).encode()
    return len(text).to_bytes(4, "little") + text + payload


def grey(n: int) -> int:
    return 20 + 18 * n


def header_of(packed: bytes) -> dict[str, Any]:
    return json.loads(packed[4 : 4 + int.from_bytes(packed[:4], "little")])


def two_runs(name: str, clip: str) -> bytes:
    """The reel, had ``why`` come of another run, with chunks and a flow of its own."""
    packed = reel(name, clip)
    header = header_of(packed)
    header["videos"]["b:flow"] = header["videos"]["frame"]
    why = header["panels"][-1]
    why["chunks"] = [{"frame": c, "first": c, "last": c + 1} for c in OTHER_CHUNKS]
    header["panels"].append({**header["panels"][1], "key": "b:flow", "video": "b:flow"})
    header["shown"] = ["flow", "b:flow", "fused", "why"]
    header["whose"] = "A"
    text = json.dumps(header).encode()
    return (
        len(text).to_bytes(4, "little") + text + packed[4 + int.from_bytes(packed[:4], "little") :]
    )
