"""Opening: run a network on a clip, behind a progress bar with a Cancel button."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from fusionscope.analysis.kept.kept_analysis import keep_analysis
from fusionscope.base.records import InputError
from fusionscope.card import Card
from fusionscope_app.state import clip_sources, clips, network_choice, results
from fusionscope_app.state.opened import Opened
from fusionscope_app.widgets.progress import progress_bar


def open_with_network(known: clip_sources.Known, card: Card) -> Opened:
    """Return the network's run on the clip; show progress and Cancel until it is ready.

    Raises:
        InputError: the clip cannot be read, or the network cannot take it.
    """
    (opened,) = open_with_networks(known, card)
    return opened


def open_first_view(known: clip_sources.Known, card: Card) -> Opened:
    """As ``open_with_network``, from the kept analysis of a bundled clip if there is one.

    A first visitor thus waits for no network; flow and maps are computed when they are read.
    """
    if known.id not in clip_sources.bundled():
        return open_with_network(known, card)
    kept = results.kept_analysis_of(known.id, clips.clip_of(known.id), card)
    if kept is not None:
        st.session_state["opened"] = known.id
        st.empty()  # in place of the progress: what follows keeps its place on the page
        return Opened(known, kept)
    opened = open_with_network(known, card)
    # a file would outlive weights without a digest, and a network that a visitor has taught
    if card.sha256 and results.is_shared(card):
        with suppress(InputError):
            keep_analysis(known.id, opened.analysis)
    return opened


def open_with_networks(known: clip_sources.Known, *cards: Card) -> tuple[Opened, ...]:
    """Return the runs of several networks on the clip, behind one progress bar.

    Raises:
        InputError: the clip cannot be read, or a network cannot take it.
    """
    before = st.session_state.get("opened")
    waiting = st.empty()
    progress = progress_bar(waiting, cancel=lambda: _back(before), runs=len(cards))
    unread = not clips.thumbnail_of(known.id)
    clip = clips.clip_of(known.id, progress)
    opened = tuple(Opened(known, results.analysis_of(clip, card, progress)) for card in cards)
    waiting.empty()
    if before != known.id:
        st.session_state["opened"] = known.id
        if unread:
            st.rerun()  # its card can now show a thumbnail
    return opened


def _back(before: str | None) -> None:
    """Return to the clip that was open before."""
    network_choice.open_clip(before or clip_sources.bundled()[0])
