"""Folder choice: the videos of the data folder as a contact sheet."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from fusionscope.base import paths
from fusionscope.base.records import InputError
from fusionscope_app.components.contact_sheet import SheetCards, contact_sheet
from fusionscope_app.server import demo_mode
from fusionscope_app.state import clips
from fusionscope_app.widgets import error_messages


def folder_choice(key: str, chosen: str, on_pick: Callable[[str], None], first: str = "") -> None:
    """Choose a video of the data folder; ``on_pick`` is called with its id.

    Args:
        chosen: the clip that is open; its card is marked if it is in the folder.
        first: the clip that a button leads back to while a clip of the folder is open.
    """
    if demo_mode.is_demo():
        st.caption(demo_mode.CLOSED)
        return
    folder = paths.data_folder()
    try:
        ids = clips.data_clips(folder)
    except InputError as problem:
        error_messages.show_error(problem)
        return
    if not ids:
        st.write(
            f"No videos in {error_messages.plain(str(folder))}. Set `FUSIONSCOPE_DATA` to your "
            "folder and restart the app."
        )
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(error_messages.plain(f"{len(ids):,} videos in {folder}"))
        if first and chosen in ids:
            st.button(
                "Back to the first clip",
                key=f"{key}_back",
                help="Opens the first of the clips that come with the app.",
                on_click=lambda: on_pick(first),
            )
    contact_sheet(
        SheetCards(ids, [name.removeprefix("data:") for name in ids]),
        key=key,
        chosen=chosen,
        on_open=lambda at: on_pick(ids[at]),
        search=True,
    )
