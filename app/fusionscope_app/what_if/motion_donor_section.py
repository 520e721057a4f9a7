"""Choice of the clip that a chimera takes its motion from."""

from __future__ import annotations

import streamlit as st

from fusionscope_app.components.clip_cards import clip_cards
from fusionscope_app.state import clip_sources
from fusionscope_app.what_if import edits_in_address
from fusionscope_app.what_if.edits_in_address import Stack
from fusionscope_app.widgets import clip_chooser
from fusionscope_app.widgets.closing_popover import close, closing_popover
from fusionscope_app.widgets.folder_choice import folder_choice


def chimera_section(stack: Stack, clip_id: str) -> None:
    """Show the clips that ``clip_id`` can take its motion from, and how that motion is fitted."""
    if not stack.motion:
        return
    st.caption("Take motion from")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        clip_cards(
            clip_chooser.clip_cards_of(
                *filter(None, (clip_sources.twin(clip_id), clip_id, stack.motion))
            ),
            stack.motion,
            key="whatif_cards",
            on_pick=_lend,
        )
        with closing_popover("Folder", "whatif_folder_menu"):
            folder_choice("whatif_folder", stack.motion, _lend)
    st.caption(
        "Its flow is resized to the frames of the first clip, displacements included, and "
        "resampled in time to the same duration."
    )


def _lend(clip_id: str) -> None:
    close("whatif_folder_menu")
    edits_in_address.change(motion=clip_id)
