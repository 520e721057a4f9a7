"""Cached results of the What if page."""

from __future__ import annotations

import numpy as np

from fusionscope.analysis.analysis import Analysis, analyse
from fusionscope.analysis.edit_reel import edit_reel
from fusionscope.analysis.reel import Reel
from fusionscope.base.records import Progress, no_progress
from fusionscope.data.toybox.edited_labels import edited_label
from fusionscope.explain.edits.edit_list import (
    AGAIN,
    ALONG,
    edited_clip,
    edited_flow,
    method_of,
    write_edits,
)
from fusionscope.explain.measures import full_colour
from fusionscope.video.clip import Clip
from fusionscope.video.flow.methods import TITLES, dense_flow
from fusionscope_app.state import clip_sources, clips, results
from fusionscope_app.state.opened import Opened
from fusionscope_app.what_if.edits_in_address import Stack


def edited_of(before: Opened, stack: Stack, progress: Progress = no_progress) -> Analysis:
    """The same network's run on the edited clip.

    Raises:
        InputError: the edits, or the clip that the motion comes from, do not fit the clip.
    """
    clip, card = before.clip, before.card
    motion = clips.clip_of(stack.motion, progress) if stack.motion else None

    def measure(of: Clip, method: str) -> np.ndarray:
        if of is clip or of is motion:
            return results.flow_of(of, method, progress)
        return before.cached_for_clip(
            "edited flow",
            of.digest,
            method,
            make=lambda: dense_flow(of, method, progress),
            progress=progress,
        )

    def make() -> Analysis:
        edited = edited_clip(clip, stack.edits, card.rgb_mean, progress)
        flow = edited_flow(
            clip,
            edited,
            stack.edits,
            stack.way,
            method=card.flow,
            motion=motion,
            measure=measure,
        )
        scale = full_colour(before.trace.flow)
        return analyse(before.network, edited, flow, progress, scale)

    return before.cached("edited", *_parts_of(stack, motion), make=make, progress=progress)


def edit_reel_of(before: Opened, after: Analysis, stack: Stack) -> Reel:
    """Both runs, before and after, in one reel."""
    motion = clips.clip_of(stack.motion) if stack.motion else None
    words = flow_words(stack, before.card.flow)
    return before.cached(
        "edit reel",
        *_parts_of(stack, motion),
        make=lambda: edit_reel(before.analysis, after, stack.edits, words),
    )


def flow_words(stack: Stack, trained: str) -> str:
    """The source of the edited clip's flow, in words."""
    method = method_of(stack.edits, trained)
    name = TITLES.get(method, method)
    whose = "from the other clip" if stack.motion else "from the original clip"
    if stack.way == AGAIN:
        return f"{name}, recomputed"
    return f"{name}, {whose}, {'transformed with the clip' if stack.way == ALONG else 'unchanged'}"


def truth_of(known: clip_sources.Known, stack: Stack) -> str:
    """The true class of the edited clip, if the rules of its world determine it; else empty.

    With motion from another clip they do so only if that is its twin.
    """
    if known.world != "toybox":
        return ""
    label = known.label
    if stack.motion:
        if _places(stack.motion) != _places(known.id):
            return ""
        label = clip_sources.known(stack.motion).label
    return edited_label(label, stack.edits, stack.way)


def _places(clip_id: str) -> str:
    """The part of the id that twins share: their balls are at the same places."""
    return clip_id.partition("~")[0]


def _parts_of(stack: Stack, motion: Clip | None) -> tuple[str, str, str]:
    """Everything that the edited clip depends on, besides the clip itself."""
    return motion.digest if motion else "", write_edits(stack.edits), stack.way
