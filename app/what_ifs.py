"""What-ifs: the run on an edited clip and all that is shown of it, each made once and kept."""

from __future__ import annotations

from typing import Any

import numpy as np

from app import session, sources
from app.edit_stack import Stack
from core.edit_reel import pack_edit
from core.explain.edits.stack import AGAIN, ALONG, edited_clip, edited_flow, method_of, write_edits
from core.explain.measures import full_colour
from core.pipeline import Analysis, analyse
from core.records import Progress, silent
from core.study.toylabels import edited_label
from core.video.clip import Clip
from core.video.flow import TITLES, dense_flow


def edited_of(before: Analysis, stack: Stack, progress: Progress = silent) -> Analysis:
    """The same network's run on what the edits make of the clip.

    Raises:
        InputError: the edits, or the clip that lends its motion, do not fit the clip.
    """
    trace, card = before.trace, before.trace.card
    clip = trace.clip
    motion = session.clip_of(stack.motion, progress) if stack.motion else None

    def measure(of: Clip, method: str) -> np.ndarray:
        if of is clip or of is motion:
            return session.flow_of(of, method, progress)
        key = ("edited flow", clip.digest, of.digest, method)
        return session.shelf().get(key, lambda: dense_flow(of, method, progress), progress)

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
        scale = full_colour(trace.flow)
        return analyse(session.network(card), edited, flow, progress, scale)

    return session.shelf().get(("edited", *_made_of(before, stack, motion)), make, progress)


def reel_of(before: Analysis, after: Analysis, stack: Stack) -> bytes:
    """Before and after in one reel."""
    motion = session.clip_of(stack.motion) if stack.motion else None
    words = flow_words(stack, before.trace.card.flow)
    return session.shelf().get(
        ("edit reel", *_made_of(before, stack, motion)),
        lambda: pack_edit(before, after, stack.edits, words),
    )


def flow_words(stack: Stack, trained: str) -> str:
    """How the edited clip came by its flow."""
    method = method_of(stack.edits, trained)
    name = TITLES.get(method, method)
    whose = "the other clip's" if stack.motion else "the clip's own"
    if stack.way == AGAIN:
        return f"{name}, measured again"
    return f"{name}, {whose}, {'edited along' if stack.way == ALONG else 'as it was'}"


def truth_of(known: sources.Known, stack: Stack) -> str:
    """What the edited clip shows, where the world's rules tell; else nothing.

    Of another clip's motion they tell if it is the same clip with its balls making other moves.
    """
    if known.world != "toybox":
        return ""
    label = known.label
    if stack.motion:
        if _places(stack.motion) != _places(known.id):
            return ""
        label = sources.known(stack.motion).label
    return edited_label(label, stack.edits, stack.way)


def _places(clip_id: str) -> str:
    """Toybox clips with the same of this have their balls at the same places."""
    return clip_id.partition("~")[0]


def _made_of(before: Analysis, stack: Stack, motion: Clip | None) -> tuple[Any, ...]:
    lent = motion.digest if motion else ""
    edits = write_edits(stack.edits)
    return before.trace.clip.digest, lent, edits, stack.way, before.trace.card
