"""Edit section: the stack of edits: add, set, move, remove, undo; and where the flow comes from."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial

import streamlit as st

from app import edit_stack, sources
from app.edit_stack import Stack
from core.explain.edits.edit import Edit, Setting, Value
from core.explain.edits.picture import Erase
from core.explain.edits.stack import AGAIN, ALONG, EDITS, KEEP, MOST
from core.video.flow import TITLES
from core.video.timing import FRAMES

_WORDS = {"rest": "all after it", "whole": "the whole clip"}
_WAYS = {AGAIN: "measured again", ALONG: "edited along", KEEP: "kept as it was"}
_TOLD = {
    AGAIN: "Flow is measured on the edited frames: what the network would be fed of such a clip.",
    ALONG: "The flow is changed as each edit implies: mirrored with u negated, reversed and "
    "negated, zero where frames stand still.",
    KEEP: "Only the pictures are edited: appearance and motion no longer tell of the same thing.",
}


def edit_section(stack: Stack, known: sources.Known, count: int) -> None:
    """All that is changed, and the ways to change it; ``count`` is the clip's frames."""
    _add(stack)
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Undo",
            key="whatif_undo",
            on_click=edit_stack.undo,
            disabled=not edit_stack.can_undo(),
        )
        st.button("Reset", key="whatif_reset", on_click=edit_stack.reset, disabled=stack.empty)
    for at, edit in enumerate(stack.edits):
        _row(stack, at, edit, count)
        count = max(2, min(edit.count_after(count), FRAMES))  # else it is told beside the stack
    if not all(edit.of_flow for edit in stack.edits):
        _flow(stack)
    _chimera(stack, known)


def _add(stack: Stack) -> None:
    def added(name: str) -> None:
        edit_stack.put_edits([*edit_stack.stack().edits, EDITS[name]()])

    st.caption("Add an edit")
    with st.container(horizontal=True, gap="xsmall"):
        for name, edit in EDITS.items():
            st.button(
                edit.title,
                key=f"whatif_add_{name}",
                on_click=added,
                args=(name,),
                disabled=len(stack.edits) >= MOST,
            )


def _row(stack: Stack, at: int, edit: Edit, count: int) -> None:
    """One edit: its name, the ways to move it, its settings."""
    edits, last = stack.edits, len(stack.edits) - 1

    def move(by: int) -> None:
        moved = [*edits]
        moved[at], moved[at + by] = moved[at + by], moved[at]
        edit_stack.put_edits(moved)

    with st.container(gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(f"**{at + 1} {edit.title}**", width="stretch")
            for words, by in (("Up", -1), ("Down", 1)) if last else ():
                st.button(
                    words,
                    key=f"whatif_{words.lower()}_{at}",
                    type="tertiary",
                    on_click=move,
                    args=(by,),
                    disabled=not 0 <= at + by <= last,
                )
            st.button(
                "Remove",
                key=f"whatif_remove_{at}",
                type="tertiary",
                on_click=edit_stack.put_edits,
                args=([*edits[:at], *edits[at + 1 :]],),
            )
        fields = [*edit.settings.items()]
        for pair in (fields[first : first + 2] for first in range(0, len(fields), 2)):
            sides = st.columns(2, gap="small") if len(fields) > 1 else [st.container()]
            for side, (field, setting) in zip(sides, pair, strict=False):
                with side:
                    _setting(edit, field, setting, at, count, partial(_replaced, edits, at, field))
        if isinstance(edit, Erase):
            st.toggle("Set by two clicks in a picture", key=f"whatif_draw_{at}")


def _replaced(edits: tuple[Edit, ...], at: int, field: str, value: Value) -> None:
    """Set one field of one edit, unless its widget speaks of a stack that is no longer there.

    After a quick second Undo the browser still reports the widgets of the edit that is gone.
    """
    if edit_stack.stack().edits != edits:
        return
    changed = dataclasses.replace(edits[at], **{field: value})
    edit_stack.put_edits([*edits[:at], changed, *edits[at + 1 :]])


def _setting(
    edit: Edit, field: str, setting: Setting, at: int, count: int, put: Callable[[Value], None]
) -> None:
    """The widget of one field. Frames are numbered from 1, as in the player."""
    key, value = f"whatif_{at}_{type(edit).__name__.lower()}_{field}", getattr(edit, field)
    if setting.options:
        st.session_state[key] = value
        st.selectbox(
            setting.label,
            setting.options,
            format_func=_word,
            key=key,
            on_change=lambda: put(st.session_state[key]),
        )
    elif setting.frame:
        st.session_state[key] = min(value, count - 1) + 1
        st.slider(
            setting.label, 1, count, key=key, on_change=lambda: put(st.session_state[key] - 1)
        )
    else:
        whole = type(value)
        st.session_state[key] = value
        low, high, step = (whole(v) for v in (setting.low, setting.high, setting.step))
        show = st.number_input if whole is int else st.slider
        show(
            setting.label,
            low,
            high,
            step=step,
            key=key,
            on_change=lambda: put(whole(st.session_state[key])),
        )


def _word(option: str) -> str:
    """How an option is spoken of."""
    return _WORDS.get(option) or TITLES.get(option, option)


def _flow(stack: Stack) -> None:
    ways = {way: words for way, words in _WAYS.items() if way != AGAIN or not stack.motion}
    if stack.motion:
        ways[KEEP] = "as it is"
    st.session_state["whatif_way"] = stack.way
    st.segmented_control(
        "The other clip's flow" if stack.motion else "Flow of the edited clip",
        list(ways),
        format_func=ways.__getitem__,
        key="whatif_way",
        on_change=lambda: edit_stack.change(way=st.session_state["whatif_way"] or stack.way),
        required=True,
        wrap=True,
    )
    if not stack.motion:
        st.caption(_TOLD[stack.way])


def _chimera(stack: Stack, known: sources.Known) -> None:
    def switched() -> None:
        on = st.session_state["whatif_lent"]
        edit_stack.change(motion=_first(known) if on else None, way=None)

    st.session_state["whatif_lent"] = bool(stack.motion)
    st.toggle("Chimera: motion of another clip", key="whatif_lent", on_change=switched)


def _first(known: sources.Known) -> str:
    """The clip whose motion is lent to begin with: its twin, else the next one."""
    others = [one for one in sources.bundled() if one != known.id]
    return sources.twin(known.id) or others[0]
