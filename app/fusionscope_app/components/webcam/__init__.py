"""Webcam: record a few seconds in the browser and pass each recording on once."""

import base64
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2 import component

from fusionscope.base.records import InputError
from fusionscope_app.components.script import joined_script
from fusionscope_app.theme.palette import FIXED
from fusionscope_app.theme.stylesheet import TYPE

SECONDS = 3
LIMIT = 3_000_000  # bytes of a recording; sent as base64, this is 4 MB
_HERE = Path(__file__).parent
_component = component(
    "fusionscope_webcam",
    css=f"{TYPE}.fs-webcam {{ {FIXED} }}\n{(_HERE / 'webcam.css').read_text('utf-8')}",
    js=joined_script(_HERE / "webcam.js"),
)


def webcam(*, key: str, on_recording: Callable[[bytes], None]) -> None:
    """Show the camera; call ``on_recording`` with each recording before the script reruns.

    An InputError that it raises is shown next to the camera. Recordings are numbered and only the
    expected number is accepted, so that none is processed twice.
    """
    heard = st.session_state.setdefault(f"{key}_heard", {"number": 0, "trouble": ""})

    def recorded() -> None:
        sent = st.session_state[key].recording
        if not (isinstance(sent, dict) and sent.get("number") == heard["number"]):
            return
        heard["number"] += 1
        heard["trouble"] = ""
        try:
            on_recording(read_recording(sent.get("video")))
        except InputError as problem:
            heard["trouble"] = str(problem)

    data = {**heard, "seconds": SECONDS, "limit": LIMIT}
    _component(key=key, data=data, on_recording_change=recorded)


def read_recording(sent: Any) -> bytes:
    """Validate what the browser sent and decode it from base64 to the bytes of a video file."""
    return read_video(sent, LIMIT, "the recording", "; record again")


def read_video(sent: Any, limit: int, name: str, again: str = "") -> bytes:
    """Decode a video that the browser sent as base64.

    Args:
        limit: bytes.
        name: the video in errors.
        again: what can be done, at the end of an error.

    Raises:
        InputError: it is not text, is larger than the limit, incomplete or empty.
    """
    if not isinstance(sent, str):
        raise InputError(f"the browser sent something that is not a video{again}")
    if len(sent) > 4 * math.ceil(limit / 3):
        found = f"{name} has {len(sent) * 3 / 4e6:.1f} MB"
        raise InputError(f"{found}; the limit is {limit / 1e6:g} MB{again.replace(';', ':')}")
    try:
        video = base64.b64decode(sent, validate=True)
    except ValueError as reason:
        raise InputError(f"{name} is incomplete or damaged{again}") from reason
    if not video:
        raise InputError(f"{name} is empty{again}")
    return video
