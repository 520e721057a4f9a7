"""Edit reel: one clip before and after its edits, run by run, packed into one reel.

Above stands what was, below what is: panels come in pairs. Both have pictures, flow, chunks and
maps of their own; flow and maps are drawn on one scale, unless that would hide one of them. The
timeline is the longer clip's; the shorter one stands still on its last frame.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from core.comparison import ends_of, paired_maps
from core.explain.edits.edit import Edit
from core.explain.edits.picture import Erase
from core.explain.heatmaps import Reading, readings
from core.pipeline import Analysis
from core.reel import add_pictures, map_panel, unpack_header, unpack_payload, write_reel

BEFORE, AFTER = "before", "after"
NAMES = (BEFORE, AFTER)


def pack_edit(
    before: Analysis, after: Analysis, edits: Sequence[Edit] = (), flow_words: str = ""
) -> bytes:
    """One reel of a clip's run and the run of what edits made of it.

    Args:
        edits: their boxes are outlined.
        flow_words: how the edited clip came by its flow.
    """
    runs = (before, after)
    old, new = (unpack_header(run.reel) for run in runs)
    count = max(old["frames"], new["frames"])
    payload, videos = bytearray(), {}
    for side, run, header in zip(("", "b:"), runs, (old, new), strict=True):
        for video, offsets in header["videos"].items():
            pictures = _pictures(run.reel, offsets)
            pictures += pictures[-1:] * (count - len(pictures))
            videos[f"{side}{video}"] = add_pictures(payload, pictures)
    panels = []
    for one, other in zip(old["panels"][:2], new["panels"][:2], strict=True):
        panels.append({**one, "title": f"{BEFORE} {one['title']}"})
        panels.append(_after(other))
    if flow_words:
        panels[-1]["detail"] = f"{flow_words}, {panels[-1]['detail'].partition(', ')[2]}"
    for name, heat, scale in paired_maps(before, after, NAMES):
        panel = map_panel(payload, heat, scale)
        if name == AFTER:
            panel["video"] = f"b:{panel['video']}"
            panel["chunks"] = new["chunks"]
        panels.append(panel)
    keys = [panel["key"] for panel in panels]
    asked = [*keys[:4], *ends_of(keys), "a:why", "b:why"]
    header = {
        **old,
        "frames": count,
        "videos": videos,
        "panels": panels,
        "paired": True,
        "shown": [key for key in asked if key in keys],
        "motion": [*old["motion"], *[0.0] * (count - old["frames"])],
        "beside": [*new["motion"], *[0.0] * (count - new["frames"])],
        "boxes": _boxes(edits),
    }
    if old["chunks"] != new["chunks"]:
        header["whose"] = BEFORE  # of the chunks that the timeline shows
    return write_reel(header, payload)


def readings_of_edit(
    before: Analysis, after: Analysis, frame: int, x: float, y: float
) -> list[Reading]:
    """What flow and maps hold at a place of a frame, before and after."""
    return [
        dataclasses.replace(one, name=f"{name} {one.name}")
        for name, run in zip(NAMES, (before, after), strict=True)
        for one in readings(run.trace, run.maps, frame, x, y)
    ]


def _boxes(edits: Sequence[Edit]) -> list[dict[str, float]]:
    """The boxes that are erased, in shares of the picture; none where an edit moves what they hold.

    There the picture alone shows them.
    """
    if not all(edit.in_place for edit in edits):
        return []
    return [
        {"x": e.x, "y": e.y, "w": min(e.w, 1 - e.x), "h": min(e.h, 1 - e.y)}
        | {"first": e.first, "last": e.last}
        for e in edits
        if isinstance(e, Erase)
    ]


def _pictures(reel: bytes, offsets: Sequence[int]) -> list[bytes]:
    payload = unpack_payload(reel)
    return [bytes(payload[a:b]) for a, b in pairwise(offsets)]


def _after(panel: dict[str, Any]) -> dict[str, Any]:
    """A picture's panel of the edited clip."""
    names = {"key": f"b:{panel['key']}", "video": f"b:{panel['video']}"}
    return {**panel, **names, "title": f"{AFTER} {panel['title']}"}
