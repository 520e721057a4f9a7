"""Address: what all pages speak of stands in the browser's address, so that every view is a link.

    clip    toybox:8, data:..., upload:...      model   a network's name
    place   a stage where streams are fused      stage   what the picture of the network shows
    unit    a fused channel                      cell    chunk.row.column, counted from 0
    expected    the class that is asked about beside the one that is said
    methods  of flow, joined by points          drawn   how the flow is drawn
    method  how page Why asks        target, against     the score of the one, less the other's
    head    whose score
    edits    what is changed on page What if      way      how the edited clip comes by its flow
    motion    the clip whose motion is lent to it
    pin      the place clicked last: frame, x and y in thousandths of the picture, panel

``frame`` stands there too where the player is paused: the browser's own doing (player/moment.js).

What page Fusion's sliders and switches are set to stands there too, under the widgets' own names
(fusion_move_right, fusion_swap, ...): Streamlit keeps those in step by itself.

Streamlit empties the address when another page is opened; what was there is put back.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import streamlit as st
from streamlit.errors import StreamlitAPIException

KEYS = (
    *("clip", "model", "other", "place", "stage", "unit", "cell", "expected"),
    *("method", "target", "against", "head", "methods", "drawn"),
    *("edits", "way", "motion", "pin"),
)


def carry_over(page: str) -> None:
    """Before a page runs: put back what another page was shown with, and remember the rest."""
    kept: dict[str, str] = st.session_state.setdefault("address", {})
    if st.session_state.get("address_page", page) != page:
        missing = {key: value for key, value in kept.items() if key not in st.query_params}
        if missing:
            st.query_params.update(missing)
    st.session_state["address_page"] = page
    kept.clear()
    kept.update({key: st.query_params[key] for key in KEYS if key in st.query_params})


def put(**values: str | int | tuple[int | str, ...] | None) -> None:
    """Change the address, in one step of the browser's history; None takes a key out."""
    if unknown := [key for key in values if key not in KEYS]:
        raise ValueError(f"expected keys out of {', '.join(KEYS)}, got {', '.join(unknown)}")
    kept: dict[str, str] = st.session_state.setdefault("address", {})
    told = st.query_params.to_dict()
    texts = {key: _text(value) for key, value in values.items() if value is not None}
    gone = {key for key, value in values.items() if value is None}
    kept.update(texts)
    for key in gone:
        kept.pop(key, None)
    wanted = {key: value for key, value in told.items() if key not in gone} | texts
    if wanted == told:
        return
    try:
        st.query_params.from_dict(wanted)
    except StreamlitAPIException:  # some stand there for widgets, and are theirs to change
        st.query_params.update(texts)
        for key in gone:
            st.query_params.pop(key, None)


def _text(value: str | int | tuple[int | str, ...]) -> str:
    return ".".join(map(str, value)) if isinstance(value, tuple) else str(value)


def word(key: str) -> str:
    """What the address says under a key; empty where it says nothing."""
    return st.query_params.get(key, "")


def words(key: str) -> tuple[str, ...]:
    """Words joined by points; none where the address says nothing."""
    return tuple(filter(None, word(key).split(".")))


def number(key: str) -> int | None:
    """A number from the address, 0 and up; None where there is none."""
    found = numbers(key)
    return found[0] if len(found) == 1 else None


def numbers(key: str) -> tuple[int, ...]:
    """Numbers joined by points, 0 and up; none where the address says something else."""
    return whole(word(key).split("."))


def whole(parts: Sequence[str]) -> tuple[int, ...]:
    """Words as numbers, 0 and up; none where one is no such number."""
    with suppress(ValueError):
        if all(part.isascii() and part.isdigit() and len(part) < 7 for part in parts):
            return tuple(int(part) for part in parts)
    return ()
