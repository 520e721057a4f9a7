"""Pairing: the second network, beside the one that all pages speak of. The address names it too."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from app import address, session
from core.card import Card
from core.records import InputError, spoken

_OPERATORS = ("sum", "max", "cat", "bilinear", "conv", "conv3d")
"""From what joins the streams least to what joins them most: the paper's argument climbs it."""


def other_choice(card: Card) -> Card:
    """The network to set beside ``card``, with a button that swaps the two."""
    known = session.models()
    if len(known) < 2:
        raise InputError("there is one network in the folder checkpoints; to compare needs two")
    name = address.word("other") or card.name
    if name not in known:
        address.put(other=None)
        raise InputError(f"there is no model {spoken(name)!r}; there are {', '.join(known)}")
    if name == card.name:
        name = instructive(card, known)
    st.session_state["pairing_other"] = name
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "B",
            [other for other in known if other != card.name],
            format_func=lambda one: known[one].title,
            key="pairing_other",
            on_change=lambda: address.put(other=st.session_state["pairing_other"]),
        )
        st.button(
            "Swap",
            help="A becomes B, and B becomes A",
            key="pairing_swap",
            on_click=lambda: address.put(model=name, other=card.name),
        )
    return known[name]


def instructive(card: Card, known: Mapping[str, Card]) -> str:
    """The name of the network that says most beside this one.

    Beside one that joins its streams, that is the next that joins them less; beside a single
    stream, the most complete. Those that name the same classes, in the same world, come first.
    """
    others = [other for other in known.values() if other.name != card.name]
    least = min(_strangeness(card, other) for other in others)
    near = [other for other in others if _strangeness(card, other) == least]
    below = [other for other in near if _rung(other) < _rung(card)]
    if not below or not (card.spatial and card.temporal):
        return near[0].name  # the zoo lists the most complete first
    return max(below, key=lambda other: (_rung(other), _likeness(card, other))).name


def _strangeness(card: Card, other: Card) -> tuple[bool, bool]:
    return set(other.labels) != set(card.labels), other.world != card.world


def _rung(card: Card) -> int:
    """How far a network joins its streams: one stream, predictions, features."""
    if card.places and card.fusion in _OPERATORS:
        return 3 + _OPERATORS.index(card.fusion)
    if card.spatial and card.temporal:
        return 2
    return 1 if card.temporal else 0


def _likeness(card: Card, other: Card) -> int:
    same = ("place", "pool", "keep_temporal", "start", "chunks", "stack")
    return sum(getattr(card, name) == getattr(other, name) for name in same)
