"""Controls of the edits: add, set, move, remove, undo, and the source of the flow."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial

import streamlit as st

from fusionscope.explain.edits.edit import Edit, Setting, Value
from fusionscope.explain.edits.edit_list import AGAIN, ALONG, EDITS, KEEP, MOST
from fusionscope.explain.edits.picture_edits import Erase
from fusionscope.video.flow.methods import TITLES
from fusionscope.video.reading.frame_times import FRAMES
from fusionscope_app.state import address, clip_sources
from fusionscope_app.state.opened import Opened
from fusionscope_app.what_if import edits_in_address
from fusionscope_app.what_if.edits_in_address import Stack

_WORDS = {"rest": "later frames", "whole": "the whole clip"}
_WAYS = {AGAIN: "recomputed", ALONG: "transformed with the clip", KEEP: "unchanged"}
_TOLD = {
    AGAIN: "Flow is computed from the edited frames, as for any new clip.",
    ALONG: "Each edit also changes the flow: mirroring negates u, reversing negates the flow, "
    "freezing sets it to zero.",
    KEEP: "Only the frames are edited: appearance and motion no longer match.",
}


def edit_section(stack: Stack, before: Opened) -> None:
    """Show the edits and their controls."""
    count = len(before.clip.frames)
    _add(stack)
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Undo",
            key="whatif_undo",
            on_click=edits_in_address.undo,
            disabled=not edits_in_address.can_undo(),
        )
        st.button(
            "Reset", key="whatif_reset", on_click=edits_in_address.reset, disabled=stack.empty
        )
    for at, edit in enumerate(stack.edits):
        _row(stack, at, edit, count)
        count = max(2, min(edit.count_after(count), FRAMES))  # outside this range an error is shown
    if not all(edit.of_flow for edit in stack.edits):
        _flow(stack)
    _chimera(stack, before.known.id)


def _add(stack: Stack) -> None:
    def added(name: str) -> None:
        edits_in_address.put_edits([*edits_in_address.stack().edits, EDITS[name]()])

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
    """Show one edit: its name, its buttons, its settings."""
    edits, last = stack.edits, len(stack.edits) - 1

    def move(by: int) -> None:
        moved = [*edits]
        moved[at], moved[at + by] = moved[at + by], moved[at]
        edits_in_address.put_edits(moved)

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
                on_click=edits_in_address.put_edits,
                args=([*edits[:at], *edits[at + 1 :]],),
            )
        fields = [*edit.settings.items()]
        for pair in (fields[first : first + 2] for first in range(0, len(fields), 2)):
            sides = st.columns(2, gap="small") if len(fields) > 1 else [st.container()]
            for side, (field, setting) in zip(sides, pair, strict=False):
                with side:
                    _setting(edit, field, setting, at, count, partial(_replaced, edits, at, field))
        if isinstance(edit, Erase):
            st.toggle("Draw the box with two clicks", key=f"whatif_draw_{at}")


def _replaced(edits: tuple[Edit, ...], at: int, field: str, value: Value) -> None:
    """Set one field of one edit, unless the edits have changed since its widget was shown.

    After a quick second Undo, the browser still reports the widgets of a removed edit.
    """
    if edits_in_address.stack().edits != edits:
        return
    changed = dataclasses.replace(edits[at], **{field: value})
    edits_in_address.put_edits([*edits[:at], changed, *edits[at + 1 :]])


def _setting(
    edit: Edit, field: str, setting: Setting, at: int, count: int, put: Callable[[Value], None]
) -> None:
    """Show the widget of one field. Frames are numbered from 1, as in the player."""
    key, value = f"whatif_{at}_{type(edit).__name__.lower()}_{field}", getattr(edit, field)
    if setting.options:
        bound = address.bound("edits", value, widget=key, write=put)
        st.selectbox(setting.label, setting.options, format_func=_word, **bound)
    elif setting.frame:
        number = min(value, count - 1) + 1
        bound = address.bound("edits", number, widget=key, write=lambda n: put(n - 1))
        st.slider(setting.label, 1, count, **bound)
    else:
        whole = type(value)
        bound = address.bound("edits", value, widget=key, write=lambda v: put(whole(v)))
        low, high, step = (whole(v) for v in (setting.low, setting.high, setting.step))
        show = st.number_input if whole is int else st.slider
        show(setting.label, low, high, step=step, **bound)


def _word(option: str) -> str:
    """The label of an option."""
    return _WORDS.get(option) or TITLES.get(option, option)


def _flow(stack: Stack) -> None:
    ways = {way: words for way, words in _WAYS.items() if way != AGAIN or not stack.motion}
    if stack.motion:
        ways[KEEP] = "unchanged"
    st.segmented_control(
        "Flow of the other clip" if stack.motion else "Flow of the edited clip",
        list(ways),
        format_func=ways.__getitem__,
        **address.bound(
            "way",
            stack.way,
            widget="whatif_way",
            write=lambda way: edits_in_address.change(way=way or stack.way),
        ),
        required=True,
        wrap=True,
    )
    if not stack.motion:
        st.caption(_TOLD[stack.way])


def _chimera(stack: Stack, clip_id: str) -> None:
    def switched(on: bool) -> None:
        edits_in_address.change(motion=_first(clip_id) if on else None, way=None)

    bound = address.bound("motion", bool(stack.motion), widget="whatif_lent", write=switched)
    st.toggle("Motion from another clip (chimera)", **bound)


def _first(clip_id: str) -> str:
    """The first choice of a clip to take motion from: the twin clip, else the next one."""
    others = [one for one in clip_sources.bundled() if one != clip_id]
    return clip_sources.twin(clip_id) or others[0]
