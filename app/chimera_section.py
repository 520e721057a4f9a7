"""Chimera section: the appearance of one clip, the motion of another."""

from __future__ import annotations

import streamlit as st

from app import chooser, edit_stack, sources
from app.cards import clip_cards
from app.edit_stack import Stack


def chimera_section(stack: Stack, known: sources.Known) -> None:
    """The clips that can lend their motion, and what is done to make it fit."""
    if not stack.motion:
        return
    st.caption("Motion of")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        clip_cards(
            chooser.cards(*filter(None, (sources.twin(known.id), known.id, stack.motion))),
            stack.motion,
            key="whatif_cards",
            on_pick=_lend,
        )
        with st.popover("Folder"):
            chooser.folder_choice("whatif_folder", _lend)
    st.caption(
        "Its flow is stretched over the first clip's picture, displacements with it, and played "
        "faster or slower so that both begin and end together."
    )


def _lend(clip_id: str) -> None:
    edit_stack.change(motion=clip_id)
