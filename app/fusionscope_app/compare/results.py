"""Cached results of the Compare page: what all networks predict for a clip."""

from __future__ import annotations

import streamlit as st

from fusionscope.base.records import Progress, no_progress
from fusionscope.card import Card
from fusionscope.explain.fusion.ladder import Rung, comparable, ladder
from fusionscope.nets.network import Network
from fusionscope.video.clip import Clip
from fusionscope_app.state.results import cached, flow_of, listed, models


def ladder_of(clip: Clip, card: Card, label: str, progress: Progress = no_progress) -> list[Rung]:
    """What all networks of this network's classes, and of its flow method, predict for a clip.

    Args:
        label: the true class; empty: unknown.
    """
    alike = comparable(card, models().values())
    cards = tuple(one for one in alike if one.flow == card.flow) or (card,)
    flow = flow_of(clip, card.flow, progress)
    return cached(
        "ladder",
        clip.digest,
        cards,
        label,
        make=lambda: ladder(_networks(cards), clip, flow, label),
        progress=progress,
    )


@st.cache_resource(show_spinner=False, max_entries=2)
def _networks(cards: tuple[Card, ...]) -> list[Network]:
    """The networks of a ladder, which outnumber those that ``network`` keeps."""
    from fusionscope.nets.store.loading import load_network

    entries = {one.card: one for one in listed() if one.card}
    return [load_network(card, entry=entries.get(card)) for card in cards]
