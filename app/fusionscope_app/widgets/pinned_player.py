"""Player with a pin: the last place clicked, stored in the address."""

from __future__ import annotations

import streamlit as st

from fusionscope.analysis.panel import Pin
from fusionscope.analysis.reel import Reel
from fusionscope_app.components.player import Click, player
from fusionscope_app.components.player.player import read_click
from fusionscope_app.state import address

_FINE = 1000  # steps across the picture's width and height


def pinned(reel: Reel, key: str) -> tuple[Click | None, Click | None]:
    """Play a reel; return the click that caused this rerun, if any, and the last click."""
    last = _linked(reel)
    here = st.session_state.get("pin_clicked") == address.word("pin")  # the player already marks it
    mark = None
    if not here:  # the address has changed: by a link, or by Back and Forward
        st.session_state.pop("pin_clicked", None)
        mark = Pin(last.x, last.y, last.frame, soft=True) if last is not None else None
    click = player(reel, key=key, pin=mark)
    if click is not None:
        address.put(pin=(click.frame, _whole(click.x), _whole(click.y), click.panel))
        st.session_state["pin_clicked"] = address.word("pin")
        last = _linked(reel)
    return click, last


def _linked(reel: Reel) -> Click | None:
    """The click stored in the address, if this reel has that place."""
    words = address.words("pin")
    numbers = address.whole(words[:3])
    if len(numbers) != 3 or not reel.panels:
        return None
    frame, x, y = numbers
    key = words[3] if len(words) == 4 and words[3] in reel.keys else reel.keys[0]
    chunk = reel.nearest_chunk(reel.panel(key), frame)
    sent = {"panel": key, "frame": frame, "chunk": chunk, "x": x / _FINE, "y": y / _FINE}
    return read_click(sent, reel)


def _whole(share: float) -> int:
    return round(share * _FINE)
