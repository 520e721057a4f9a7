"""Edit list: edits in order, as a short text for a URL, and their application to a clip.

    mirror~freeze_12_rest~erase_0.1_0.2_0.3_0.4_0_20

The flow of the edited clip comes from one of three sources:

    again    measured on the edited frames
    along    the flow of the original clip, transformed with the clip
    keep     the flow of the original clip, unchanged

Edits of the flow follow in each case. The flow of another clip (a chimera) is first resampled to
this clip; it is not measured again.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from fusionscope.base.records import InputError, Progress, no_progress
from fusionscope.explain.edits.edit import Edit, Value
from fusionscope.explain.edits.flow_edits import Method, Scale, Zero
from fusionscope.explain.edits.picture_edits import Blur, Erase, Grey, Mirror
from fusionscope.explain.edits.time_edits import Freeze, Reverse, Shuffle, Speed
from fusionscope.video.clip import Clip
from fusionscope.video.flow.methods import dense_flow
from fusionscope.video.flow.resampling import fitted

MOST = 12  # edits in a list

_known: dict[str, type[Edit]] = {
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

EDITS: Mapping[str, type[Edit]] = MappingProxyType(_known)
"""Name in the address -> edit, in the order of the buttons."""


def register_edit(name: str, edit: type[Edit]) -> type[Edit]:
    """Add an edit under a name of letters and digits.

    Raises:
        ValueError: the name is taken or has other characters, or the edit has no title, or a field
            without a default.
    """
    if not (name.isascii() and name.isalnum()):
        raise ValueError(f"expected a name of letters and digits, got {name!r}")
    if name in _known:
        raise ValueError(f"expected a new name, got {name!r}, which is registered")
    bare = [
        field.name
        for field in dataclasses.fields(edit)
        if field.default is dataclasses.MISSING or field.name not in edit.settings
    ]
    if bare or not hasattr(edit, "title"):
        wanted = ", ".join(bare) or "title"
        raise ValueError(f"expected {edit.__name__} to give a default and a setting: {wanted}")
    _known[name] = edit
    return edit


AGAIN, ALONG, KEEP = WAYS = ("again", "along", "keep")

Measure = Callable[[Clip, str], np.ndarray]
"""Clip, method -> flow (N-1, 2, H, W) pixels."""


def write_edits(edits: Sequence[Edit]) -> str:
    """Edits -> a text of letters, digits and ``. - _ ~``; empty for no edits."""
    names = {kind: name for name, kind in EDITS.items()}
    return "~".join("_".join((names[type(e)], *map(_written, e.values))) for e in edits)


def read_edits(text: str) -> tuple[Edit, ...]:
    """A text -> edits.

    Raises:
        InputError: not a text that ``write_edits`` returns; names the part that cannot be read.
    """
    parts = text.split("~") if text else []
    if len(parts) > MOST:
        raise InputError(f"{len(parts)} edits; needed: at most {MOST}")
    return tuple(map(_read, parts))


def _written(value: Value) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _read(part: str) -> Edit:
    name, *words = part.split("_")
    if name not in EDITS:
        raise InputError(f"there is no edit {name[:40]!r}; choose one of {', '.join(EDITS)}")
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
    """The edits as one phrase, in order: ``mirrored, then in grey``."""
    return ", then ".join(edit.words for edit in edits)


def edited_clip(
    clip: Clip, edits: Sequence[Edit], mean: Sequence[float], progress: Progress = no_progress
) -> Clip:
    """Apply the edits to a clip's frames; the clip itself if the frames do not change.

    Args:
        mean: (R, G, B) that replaces absent pixels: the mean of the network's training data.
        progress: called with "edits" before each edit.

    Raises:
        InputError: the edits leave too few or too many frames.
    """
    frames = clip.frames
    for k, edit in enumerate(edits):
        progress("edits", k / len(edits))
        frames = edit.pictures(frames, np.array(mean, float))
    if frames is clip.frames:
        return clip
    return Clip(np.ascontiguousarray(frames), clip.fps, f"{clip.name}, {said(edits)}", clip.notes)


def moved_along(flow: np.ndarray, edits: Sequence[Edit]) -> np.ndarray:
    """(N-1, 2, H, W) pixels -> the flow transformed with the clip by every edit."""
    for edit in edits:
        flow = edit.along(flow)
    return flow


def method_of(edits: Sequence[Edit], trained: str) -> str:
    """The flow method: that of the last edit that sets one, else the network's."""
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
    """The flow of an edited clip, (N'-1, 2, H, W) pixels.

    Args:
        clip: the original; ``edited`` is the result of ``edited_clip``.
        way: ``again``, ``along`` or ``keep``; with ``motion``, again means keep.
        method: the method used in training; an edit may set another.
        motion: a clip whose motion replaces this clip's.

    Raises:
        InputError: the lengths of the two clips differ too much, or there is no such way.
    """
    if way not in WAYS:
        raise InputError(f"there is no flow source {way[:40]!r}; choose one of {', '.join(WAYS)}")
    method = method_of(edits, method)
    own = [edit for edit in edits if edit.of_flow]
    if way == AGAIN and motion is None:
        return moved_along(measure(edited, method), own)
    flow = measure(motion or clip, method)
    if way == ALONG:
        return moved_along(fitted(flow, len(clip.frames), clip.frames.shape[1:3]), edits)
    return moved_along(fitted(flow, len(edited.frames), edited.frames.shape[1:3]), own)
