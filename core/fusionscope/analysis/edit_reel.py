"""Edit reel: the runs of one clip before and after its edits, in one reel.

Panels come in pairs, before above after. Each run has its own pictures, flow, chunks and maps; flow
and maps are drawn on one scale, unless that would hide one of them. The timeline is that of the
longer clip; the shorter one repeats its last frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fusionscope.analysis.analysis import Analysis
from fusionscope.analysis.comparison_reel import ends_of, paired_maps
from fusionscope.analysis.panel import FLOW, FRAME, Box
from fusionscope.analysis.reel import Reel
from fusionscope.analysis.run_reel import map_panel
from fusionscope.explain.edits.edit import Edit
from fusionscope.explain.edits.picture_edits import Erase
from fusionscope.explain.heatmaps import Reading, readings

BEFORE, AFTER = "before", "after"
NAMES = (BEFORE, AFTER)


def edit_reel(
    before: Analysis, after: Analysis, edits: Sequence[Edit] = (), flow_words: str = ""
) -> Reel:
    """Join the reels of a clip's run and of the run after its edits.

    Args:
        edits: their boxes are outlined.
        flow_words: how the flow of the edited clip was computed.
    """
    old, new = before.reel, after.reel
    count = max(old.frames, new.frames)
    panels = []
    for key in (FRAME, FLOW):
        one, other = old.panel(key), new.panel(key)
        panels.append(replace(one, title=f"{BEFORE} {one.title}"))
        panels.append(
            replace(other, key=f"b:{key}", title=f"{AFTER} {other.title}", video=f"b:{other.video}")
        )
    if flow_words:
        words = panels[-1].detail.partition(", ")[2]
        panels[-1] = replace(panels[-1], detail=f"{flow_words}, {words}")
    pictures = tuple(panel.key for panel in panels)
    for name, heat, scale in paired_maps(before, after, NAMES):
        panel = map_panel(heat, scale)
        if name == AFTER:
            panel = replace(panel, video=f"b:{panel.video}", chunks=new.chunks)
        panels.append(panel)
    keys = [panel.key for panel in panels]
    wanted = (*pictures, *ends_of(keys), "a:why", "b:why")
    return replace(
        old,
        frames=count,
        videos={**old.videos, **{f"b:{name}": video for name, video in new.videos.items()}},
        panels=tuple(panels),
        paired=True,
        shown=tuple(key for key in wanted if key in keys),
        motion=(*old.motion, *[0.0] * (count - old.frames)),
        beside=(*new.motion, *[0.0] * (count - new.frames)),
        boxes=_boxes(edits),
        whose="" if old.chunks == new.chunks else BEFORE,
    )


def readings_of_edit(
    before: Analysis, after: Analysis, frame: int, x: float, y: float
) -> list[Reading]:
    """The values of flow and maps at a place of a frame, before and after."""
    return [
        replace(one, name=f"{name} {one.name}")
        for name, run in zip(NAMES, (before, after), strict=True)
        for one in readings(run.trace, run.maps, frame, x, y)
    ]


def _boxes(edits: Sequence[Edit]) -> tuple[Box, ...]:
    """The erased boxes; none if an edit moves their content.

    In that case only the picture shows them.
    """
    if not all(edit.in_place for edit in edits):
        return ()
    return tuple(
        Box(e.x, e.y, min(e.w, 1 - e.x), min(e.h, 1 - e.y), e.first, e.last)
        for e in edits
        if isinstance(e, Erase)
    )
