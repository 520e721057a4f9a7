"""Webcam: a few seconds of the visitor's own camera, recorded in the browser, heard once."""

import base64
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2 import component

from core.records import InputError

SECONDS = 3
LIMIT = 3_000_000  # bytes of a recording; as base64, in which it comes, they are 4 MB
_HERE = Path(__file__).parent
_component = component(
    "fusionscope_webcam",
    css=(_HERE / "webcam.css").read_text("utf-8"),
    js=(_HERE / "webcam.js").read_text("utf-8"),
)


def webcam(*, key: str, on_recording: Callable[[bytes], None]) -> None:
    """Show the camera; ``on_recording`` hears each recording, before the script runs again.

    An InputError that it raises is told where the camera is. Recordings are numbered, and only the
    next one is heard: none counts twice.
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
    """The browser's word, base64 -> a video file's bytes: a browser can send anything."""
    if not isinstance(sent, str):
        raise InputError("the recording did not arrive as one; record again")
    if len(sent) > 4 * math.ceil(LIMIT / 3):
        found = f"the recording has {len(sent) * 3 / 4e6:.1f} MB"
        raise InputError(f"{found}; at most {LIMIT / 1e6:g} MB are taken: record again")
    try:
        video = base64.b64decode(sent, validate=True)
    except ValueError as reason:
        raise InputError("the recording did not arrive whole; record again") from reason
    if not video:
        raise InputError("the recording is empty; record again")
    return video
