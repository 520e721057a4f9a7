"""Drawing: the box of an erase edit, set by two clicks in the player's pictures."""

from __future__ import annotations

import dataclasses

import streamlit as st

from app import edit_stack
from app.edit_stack import Stack
from app.player import Click
from core.explain.edits.picture import Erase


def drawn(click: Click | None, stack: Stack) -> bool:
    """Take a click as a corner of the box that is being drawn; True when that made a box."""
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
        st.info("One corner is set. Click the opposite one.")
        return False
    boxed = boxed_between(edit, corner[1:], (click.x, click.y))
    edit_stack.put_edits([*stack.edits[:at], boxed, *stack.edits[at + 1 :]])
    return True


def boxed_between(edit: Erase, one: tuple[float, float], other: tuple[float, float]) -> Erase:
    """The same edit, its box between two opposite corners, in whole hundredths of the picture."""
    (left, right), (top, bottom) = (
        sorted(round(v, 2) for v in pair) for pair in zip(one, other, strict=True)
    )
    w, h = round(right - left, 2), round(bottom - top, 2)
    return dataclasses.replace(edit, x=left, y=top, w=w, h=h)
