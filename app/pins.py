"""Pins: the place clicked last in a clip, which the page reads out; it stands in the address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from app import address
from app.player import Click, player
from app.player.player import read_click
from core.reel import unpack_header

_FINE = 1000  # steps of the picture's width and height


def pinned(reel: bytes, key: str) -> tuple[Click | None, Click | None]:
    """Play a reel: the click that caused this run, if one did, and the last one in this clip."""
    header = unpack_header(reel)
    last = _linked(header)
    here = st.session_state.get("pin_clicked") == address.word("pin")  # the player marks it already
    mark = None
    if last is not None and not here:
        mark = {"frame": last.frame, "x": last.x, "y": last.y, "soft": True}
    click = player(reel, key=key, pin=mark)
    if click is not None:
        address.put(pin=(click.frame, _whole(click.x), _whole(click.y), click.panel))
        st.session_state["pin_clicked"] = address.word("pin")
        last = _linked(header)
    return click, last


def _linked(header: Mapping[str, Any]) -> Click | None:
    """The place that the address names, where this reel has it."""
    words = address.words("pin")
    panels = [panel["key"] for panel in header["panels"]]
    numbers = address.whole(words[:3])
    if len(numbers) != 3 or not panels:
        return None
    frame, x, y = numbers
    panel = words[3] if len(words) == 4 and words[3] in panels else panels[0]
    chunks = next(one for one in header["panels"] if one["key"] == panel).get("chunks")
    frames = np.array([chunk["frame"] for chunk in chunks or header["chunks"]] or [0])
    chunk = int(np.abs(frames - frame).argmin())
    sent = {"panel": panel, "frame": frame, "chunk": chunk, "x": x / _FINE, "y": y / _FINE}
    return read_click(sent, dict(header))


def _whole(share: float) -> int:
    return round(share * _FINE)
