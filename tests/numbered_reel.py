"""Reels: numbered clips for the player, and a reader of its bytes by the words of their format.

Frame n is a flat grey (or red, in the flow) that says n, and a map's cell says its chunk, row and
column, so that one picture in another's place is seen.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from itertools import pairwise
from typing import Any

import cv2
import numpy as np

from fusionscope.analysis.panel import Bar, Box, Chunk, Extent, Look, MapOnPanel, Panel, Video
from fusionscope.analysis.reel import Reel

FRAMES, CHUNKS, OTHER_CHUNKS = 12, [1, 5, 9], [4, 6, 8]
EXTENTS: dict[str, Extent] = {"spatial": (0.125, 0.0, 0.875, 1.0)}  # a square's view
WHOLE = (0.0, 0.0, 1.0, 1.0)
SUMS = ((1.0, -2.0), (4.0, 0.0), (2.0, -1.0))  # of every map, by chunk
GRIDS = {"spatial": (2, 3), "fused": (4, 4), "why": (4, 4)}


def webp(colour: Sequence[int]) -> bytes:
    image = np.full((24, 32, 3), list(reversed(colour)), np.uint8)
    return cv2.imencode(".webp", image, [cv2.IMWRITE_WEBP_QUALITY, 101])[1].tobytes()


def reel(clip: str, frames: int = FRAMES, unit: str | None = None) -> Reel:
    videos = {
        name: Video(tuple(webp([c * grey(n) for c in colour]) for n in range(frames)))
        for name, colour in {"frame": (1, 1, 1), "flow": (1, 0, 0)}.items()
    }
    maps = {}
    sums = {}
    for panel, grid in GRIDS.items():
        low, high = (-5.0, 5.0) if panel == "why" else (0.0, 25.5)
        t, r, c = np.indices((len(CHUNKS), *grid))
        cells = (100 * t + 10 * r + c).astype(np.uint8)
        maps[panel] = MapOnPanel(cells, low, high, EXTENTS.get(panel, WHOLE))
        sums[panel] = SUMS if panel == "why" else tuple((more, 0.0) for more, _ in SUMS)
    streams = {"frame": "appearance", "flow": "motion", "spatial": "appearance"}
    panels = tuple(
        Panel(
            key,
            key,
            f"<b>{key}</b>",
            streams.get(key, "fused"),
            "flow" if key == "flow" else "frame",
            maps.get(key),
            unit if key in maps else None,
            sums=sums.get(key, ()),
        )
        for key in ("frame", "flow", "spatial", "fused", "why")
    )
    return Reel(
        clip=clip,
        fps=12.0,
        frames=frames,
        width=32,
        height=24,
        videos=videos,
        panels=panels,
        shown=("frame", "flow", "spatial", "fused"),
        chunks=tuple(Chunk(c, c - 1, c + 1) for c in CHUNKS),
        motion=tuple(float(n % 4) for n in range(frames)),
    )


def two_runs(clip: str) -> Reel:
    """The reel with ``why`` of another run, which has its own chunks and flow."""
    one = reel(clip)
    *panels, why = one.panels
    why = replace(why, chunks=tuple(Chunk(c, c, c + 1) for c in OTHER_CHUNKS))
    other = replace(one.panel("flow"), key="b:flow", video="b:flow")
    return replace(
        one,
        videos={**one.videos, "b:flow": one.videos["frame"]},
        panels=(*panels, why, other),
        shown=("flow", "b:flow", "fused", "why"),
        whose="A",
    )


def unpack_header(packed: bytes) -> Any:
    return json.loads(packed[4 : 4 + int.from_bytes(packed[:4], "little")])


def unpack_payload(packed: bytes) -> bytes:
    return packed[4 + int.from_bytes(packed[:4], "little") :]


def read_reel(packed: bytes) -> Reel:
    """The record in the bytes; unknown fields of the header are refused."""
    header, payload = unpack_header(packed), unpack_payload(packed)
    assert header.pop("version") == 1
    for name in ("digest", "pin", "motionLimit"):
        header.pop(name, None)
    videos = {
        name: Video(tuple(payload[a:b] for a, b in pairwise(offsets)))
        for name, offsets in header.pop("videos").items()
    }
    panels = []
    for told in header.pop("panels"):
        if told["map"]:
            shape, start = told["map"].pop("shape"), told["map"].pop("offset")
            cells = np.frombuffer(payload, np.uint8, int(np.prod(shape)), start).reshape(shape)
            extent = tuple(told["map"].pop("extent"))
            beyond = told["map"].pop("beyond", {}).items()
            told["map"]["beyond"] = tuple((int(index), value) for index, value in beyond)
            told["map"] = MapOnPanel(cells.copy(), extent=extent, **told["map"])
        told["sums"] = tuple(map(tuple, told.get("sums", ())))
        told.pop("sumsLimit", None)
        if "chunks" in told:
            told["chunks"] = tuple(Chunk(**chunk) for chunk in told["chunks"])
        if "bar" in told:
            told["bar"] = Bar(**told["bar"] | {"stops": tuple(told["bar"]["stops"])})
        panels.append(Panel(**told))
    look = header.pop("look")
    return Reel(
        videos=videos,
        panels=tuple(panels),
        shown=tuple(header.pop("shown")),
        chunks=tuple(Chunk(**chunk) for chunk in header.pop("chunks")),
        motion=tuple(header.pop("motion")),
        beside=tuple(header.pop("beside", ())),
        boxes=tuple(Box(**box) for box in header.pop("boxes")),
        look=Look(**look) if look else None,
        **header,
    )


def contents(reel: Reel) -> dict[str, Any]:
    """The full content of a reel, to compare two: every video with a picture per frame."""
    pictures = {
        name: [video.at(n) for n in range(reel.frames)] for name, video in reel.videos.items()
    }
    held = {field.name: getattr(reel, field.name) for field in fields(reel)}
    held |= {"videos": pictures, "panels": [asdict(panel) for panel in reel.panels]}
    for panel in held["panels"]:
        if panel["map"]:
            panel["map"]["cells"] = panel["map"]["cells"].tolist()
    return held


def grey(n: int) -> int:
    return 20 + 18 * n


REELS = {"first": reel("A"), "second": reel("B", 9), "same clip": reel("A", unit="evidence")}
