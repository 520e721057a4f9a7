"""Draw the box of an erase edit with two clicks in the player."""

from __future__ import annotations

import dataclasses

import streamlit as st

from fusionscope.explain.edits.picture_edits import Erase
from fusionscope_app.components.player import Click
from fusionscope_app.what_if import edits_in_address
from fusionscope_app.what_if.edits_in_address import Stack


def drawn(click: Click | None, stack: Stack) -> bool:
    """Take a click as a corner of the box; return True once the second corner sets the box."""
    at = next((n for n in range(len(stack.edits)) if st.session_state.get(f"whatif_draw_{n}")), -1)
    edit = stack.edits[at] if at >= 0 else None
    if not isinstance(edit, Erase):
        st.session_state.pop("whatif_corner", None)
        return False
    if click is None:
        return False
    corner: tuple[int, float, float] | None = st.session_state.pop("whatif_corner", None)
    if corner is None or corner[0] != at:
        st.session_state["whatif_corner"] = (at, click.x, click.y)
        st.info("First corner set. Click the opposite corner.")
        return False
    boxed = boxed_between(edit, corner[1:], (click.x, click.y))
    edits_in_address.put_edits([*stack.edits[:at], boxed, *stack.edits[at + 1 :]])
    return True


def boxed_between(edit: Erase, one: tuple[float, float], other: tuple[float, float]) -> Erase:
    """The same edit with its box between two opposite corners, rounded to 1 % of the picture."""
    (left, right), (top, bottom) = (
        sorted(round(v, 2) for v in pair) for pair in zip(one, other, strict=True)
    )
    w, h = round(right - left, 2), round(bottom - top, 2)
    return dataclasses.replace(edit, x=left, y=top, w=w, h=h)
