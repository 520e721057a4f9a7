"""Lesson board: record clips, drop files, arrange them in classes; each act is passed on once."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2 import component

from fusionscope.base.records import InputError
from fusionscope.video.accepted_names import ENDINGS
from fusionscope_app.components.script import joined_script
from fusionscope_app.components.webcam import LIMIT, SECONDS, read_video
from fusionscope_app.theme.palette import FIXED
from fusionscope_app.theme.stylesheet import TYPE

MOST = 30_000_000  # bytes of a file; sent as base64, this is 40 MB
KINDS = frozenset(
    {"new class", "rename class", "delete class", "record", "file", "test", "rolling"}
    | {"rename clip", "who", "move", "open", "delete clip"}
)
_HERE = Path(__file__).parent
_WEBCAM = _HERE.parent / "webcam" / "webcam.css"
_component = component(
    "fusionscope_lesson_board",
    css=f"{TYPE}.fs-webcam {{ {FIXED} }}\n{_WEBCAM.read_text('utf-8')}\n"
    + (_HERE / "lesson_board.css").read_text("utf-8"),
    js=joined_script(_HERE / "lesson_board.js"),
)


@dataclass(frozen=True)
class BoardClip:
    """One clip of a column."""

    id: str
    name: str
    who: str  # the person it shows; empty: unknown
    strip: bytes  # WebP: frames side by side
    frames: int  # in the strip
    odd: bool = False  # it is least like its class


@dataclass(frozen=True)
class Act:
    """What the visitor did; ``kind`` is one of ``KINDS``."""

    kind: str
    label: str = ""  # the class
    to: str = ""  # another class
    clip: str = ""  # the id of a clip
    name: str = ""  # of a class, a clip or a file
    who: str = ""
    video: bytes = field(default=b"", repr=False)
    batch: int = 0  # files that were chosen together have one number


def lesson_board(
    classes: Sequence[tuple[str, Sequence[BoardClip]]],
    *,
    key: str,
    records: bool,
    tests: bool,
    on_act: Callable[[Act], None],
) -> None:
    """Show the board; call ``on_act`` with each act before the script reruns.

    An InputError that it raises is shown on the board; those of files chosen together are joined.

    Args:
        classes: name and clips of each class.
        records: whether clips can be recorded and taken from files.
        tests: whether there is something to test clips with.
    """
    heard = st.session_state.setdefault(f"{key}_heard", {"number": 0, "trouble": "", "batch": 0})

    def acted() -> None:
        sent = st.session_state[key].act
        if not (isinstance(sent, dict) and sent.get("number") == heard["number"]):
            return
        heard["number"] += 1
        batch, before = sent.get("batch") or 0, heard["trouble"]
        joins = bool(batch) and batch == heard["batch"] and before
        heard["batch"], heard["trouble"] = batch, before if joins else ""
        try:
            on_act(read_act(sent, MOST if records else 0))
        except InputError as problem:
            heard["trouble"] = f"{before} {problem}." if joins else f"{problem}."

    clips = [clip for _, some in classes for clip in some]
    header = {
        "number": heard["number"],
        "trouble": heard["trouble"],
        "classes": [
            {"name": name, "clips": [_told(one) for one in some]} for name, some in classes
        ],
        "records": records,
        "tests": tests and records,
        "seconds": SECONDS,
        "limit": LIMIT,
        "most": MOST,
        "endings": list(ENDINGS),
    }
    words = json.dumps(header).encode()
    data = struct.pack("<I", len(words)) + words + b"".join(clip.strip for clip in clips)
    _component(key=key, data=data, on_act_change=acted)


def read_act(sent: Any, most: int) -> Act:
    """Validate what the browser sent.

    Args:
        most: bytes of a video; 0: none is taken.

    Raises:
        InputError: it is no act, or its video is too large, damaged or not wanted.
    """
    kind = sent.get("kind") if isinstance(sent, dict) else None
    if kind not in KINDS:
        raise InputError("the browser sent something that is not known; reload the page")
    texts = {name: sent.get(name) or "" for name in ("label", "to", "clip", "name", "who")}
    batch = sent.get("batch") or 0
    if not all(isinstance(text, str) for text in texts.values()) or not isinstance(batch, int):
        raise InputError("the browser sent something that is not known; reload the page")
    video = b""
    if kind in ("record", "file", "test", "rolling"):
        if not most:
            raise InputError("this server takes no clips; choose clips from its lists")
        video = read_video(sent.get("video"), most, texts["name"] or "the recording")
    return Act(kind, **texts, video=video, batch=batch)


def _told(clip: BoardClip) -> dict[str, Any]:
    told = asdict(clip)
    told["size"] = len(told.pop("strip"))
    return told
