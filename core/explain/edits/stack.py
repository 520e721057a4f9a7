"""Stack: edits in order, as a short text for an address, and as they are carried out.

    mirror~freeze_12_rest~erase_0.1_0.2_0.3_0.4_0_20

Where the flow of the edited clip comes from is told by one of three ways:

    again    measured on the edited frames
    along    the flow of the clip, changed as every edit implies
    keep     the flow of the clip, unchanged: pictures and motion come apart

Edits of the flow alone follow in each of them. Another clip's flow (a chimera) is fitted to this
clip first; there is nothing to measure again then.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from core.explain.edits.edit import Edit, Value
from core.explain.edits.motion import Method, Scale, Zero
from core.explain.edits.order import Freeze, Reverse, Shuffle, Speed
from core.explain.edits.picture import Blur, Erase, Grey, Mirror
from core.records import InputError, Progress, silent
from core.video.clip import Clip
from core.video.flow import dense_flow
from core.video.retiming import fitted

MOST = 12  # edits in a stack

EDITS: Mapping[str, type[Edit]] = MappingProxyType(
    {
        "freeze": Freeze,
        "reverse": Reverse,
        "shuffle": Shuffle,
        "speed": Speed,
        "mirror": Mirror,
        "grey": Grey,
        "blur": Blur,
        "erase": Erase,
        "zero": Zero,
        "scale": Scale,
        "method": Method,
    }
)

AGAIN, ALONG, KEEP = WAYS = ("again", "along", "keep")

Measure = Callable[[Clip, str], np.ndarray]
"""Clip, method -> flow (N-1, 2, H, W) pixels."""


def write_edits(edits: Sequence[Edit]) -> str:
    """Edits -> a text of letters, digits and . - _ ~; empty for none."""
    names = {kind: name for name, kind in EDITS.items()}
    return "~".join("_".join((names[type(e)], *map(_written, e.values))) for e in edits)


def read_edits(text: str) -> tuple[Edit, ...]:
    """A text -> edits.

    Raises:
        InputError: it was not written by ``write_edits``; says which part cannot be read.
    """
    parts = text.split("~") if text else []
    if len(parts) > MOST:
        raise InputError(f"{len(parts)} edits stand one upon the other; needed: at most {MOST}")
    return tuple(map(_read, parts))


def _written(value: Value) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _read(part: str) -> Edit:
    name, *words = part.split("_")
    if name not in EDITS:
        raise InputError(f"there is no edit {name[:40]!r}; there are {', '.join(EDITS)}")
    fields = dataclasses.fields(EDITS[name])
    try:
        values = [type(f.default)(word) for f, word in zip(fields, words, strict=True)]
        return EDITS[name](*values)
    except InputError:
        raise
    except ValueError as problem:
        like = write_edits([EDITS[name]()])
        raise InputError(f"{part[:60]!r} cannot be read as an edit; needed: {like}") from problem


def said(edits: Sequence[Edit]) -> str:
    """What was done to a clip, in order: ``mirrored, then in grey``."""
    return ", then ".join(edit.words for edit in edits)


def edited_clip(
    clip: Clip, edits: Sequence[Edit], mean: Sequence[float], progress: Progress = silent
) -> Clip:
    """A clip with its pictures edited, under a digest of its own; the clip itself if none are.

    Args:
        mean: (R, G, B) what an absent pixel looks like: the mean of the network's training.
        progress: told of "edits" before each.

    Raises:
        InputError: the edits leave too few frames, or make too many.
    """
    frames = clip.frames
    for k, edit in enumerate(edits):
        progress("edits", k / len(edits))
        frames = edit.pictures(frames, np.array(mean, float))
    if frames is clip.frames:
        return clip
    return Clip(np.ascontiguousarray(frames), clip.fps, f"{clip.name}, {said(edits)}")


def moved_along(flow: np.ndarray, edits: Sequence[Edit]) -> np.ndarray:
    """(N-1, 2, H, W) pixels -> the flow as every edit implies it."""
    for edit in edits:
        flow = edit.along(flow)
    return flow


def method_of(edits: Sequence[Edit], trained: str) -> str:
    """The method that flow is measured by: the last that was asked for, else the network's."""
    return next((e.name for e in reversed(edits) if isinstance(e, Method)), trained)


def edited_flow(
    clip: Clip,
    edited: Clip,
    edits: Sequence[Edit],
    way: str,
    *,
    method: str = "dis",
    motion: Clip | None = None,
    measure: Measure = dense_flow,
) -> np.ndarray:
    """The flow that goes with an edited clip, (N'-1, 2, H, W) pixels.

    Args:
        clip: as it was; ``edited`` is what ``edited_clip`` made of it.
        way: ``again``, ``along`` or ``keep``; with ``motion``, again is keep.
        method: what the network was trained on; an edit may ask for another.
        motion: a clip whose motion takes the place of this clip's own.

    Raises:
        InputError: the two clips' lengths are too far apart, or there is no such way.
    """
    if way not in WAYS:
        raise InputError(f"there is no way {way[:40]!r} to the flow; there are {', '.join(WAYS)}")
    method = method_of(edits, method)
    own = [edit for edit in edits if edit.of_flow]
    if way == AGAIN and motion is None:
        return moved_along(measure(edited, method), own)
    flow = measure(motion or clip, method)
    if way == ALONG:
        return moved_along(fitted(flow, len(clip.frames), clip.frames.shape[1:3]), edits)
    return moved_along(fitted(flow, len(edited.frames), edited.frames.shape[1:3]), own)
