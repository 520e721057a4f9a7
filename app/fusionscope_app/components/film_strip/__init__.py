"""Film strip: what the windows of a film predict, as coloured bands along time."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from streamlit.components.v2 import component

from fusionscope.analysis.windows.bands import bands, disagreements
from fusionscope.analysis.windows.window import Window
from fusionscope.base import palette
from fusionscope.base.numbers import class_name
from fusionscope_app.components.script import joined_script
from fusionscope_app.theme.palette import HEADS, VARIABLES
from fusionscope_app.theme.stylesheet import TYPE

_HERE = Path(__file__).parent
_component = component(
    "fusionscope_film_strip",
    css=f"{TYPE}.fs-film {{ {VARIABLES} }}\n{(_HERE / 'film_strip.css').read_text('utf-8')}",
    js=joined_script(_HERE / "film_strip.js"),
)


def film_strip(
    windows: Sequence[Window],
    seconds: float,
    chosen: int | None,
    *,
    complete: bool,
    key: str,
    on_pick: Callable[[int], None],
) -> None:
    """Show the bands of a film; call ``on_pick`` with the index of a window when it is chosen.

    Args:
        windows: those that are done, in order.
        seconds: duration of the whole film.
        chosen: the window that is open, marked.
        complete: no more windows come. Until then colours are given as classes appear, so that
            they stay; then to the classes predicted longest.
    """

    def picked() -> None:
        pick = st.session_state[key].pick
        if pick in range(len(windows)):
            on_pick(int(pick))

    _component(
        key=key, data=packed(windows, seconds, chosen, complete=complete), on_pick_change=picked
    )


def packed(
    windows: Sequence[Window], seconds: float, chosen: int | None, *, complete: bool
) -> bytes:
    """The length of a JSON header, the header, and the numbers of all windows.

    Numbers, little-endian: starts and ends (float32), disagree (uint8), then for each band the
    place of the class in the header's list (uint16) and the probability in 1/255 (uint8).
    """
    found, labels = bands(windows), windows[0].labels if windows else ()
    order = [
        *dict.fromkeys(int(k) for row in zip(*(b.labels for b in found), strict=True) for k in row)
    ]
    if complete:
        order.sort(key=lambda label: -int((found[0].labels == label).sum()))
    place = {label: at for at, label in enumerate(order)}
    header: dict[str, Any] = {
        "seconds": seconds,
        "chosen": -1 if chosen is None else chosen,
        "count": len(windows),
        "classes": [class_name(labels[label]) for label in order],
        "colours": palette.CLASSES[: len(order)],
        "other": palette.OTHER_CLASS,
        "bands": [
            {
                "name": _title(band.name),
                "note": band.note,
                "stream": HEADS.get(band.name, band.name),
            }
            for band in found
        ],
        "streams": bool(windows) and len(windows[0].streams) > 1,
    }
    words = json.dumps(header).encode()
    parts = [
        np.array([one.start for one in windows], "<f4"),
        np.array([one.end for one in windows], "<f4"),
        disagreements(windows).astype(np.uint8),
    ]
    for band in found:
        parts.append(np.array([place[int(k)] for k in band.labels], "<u2"))
        parts.append(np.round(band.p * 255).astype(np.uint8))
    return struct.pack("<I", len(words)) + words + b"".join(part.tobytes() for part in parts)


def _title(name: str) -> str:
    """What a band is called."""
    if name == "average":
        return "average of the heads"
    return f"{name} head" if name in HEADS else name
