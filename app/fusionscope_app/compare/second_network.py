"""Choice of the second network on the Compare page, stored in the address."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from fusionscope.base.records import InputError, printable
from fusionscope.card import Card
from fusionscope.nets.fusion import FUSIONS
from fusionscope_app.state import address, results


def other_choice(card: Card) -> Card:
    """Choose the network to compare with ``card``; a button swaps the two."""
    known = results.models()
    if len(known) < 2:
        raise InputError(
            "there is only one network in the folder checkpoints; a comparison needs two"
        )
    name = address.word("other") or card.name
    if name not in known:
        address.put(other=None)
        raise InputError(f"there is no model {printable(name)!r}; there are {', '.join(known)}")
    if name == card.name:
        name = instructive(card, known)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "B",
            [other for other in known if other != card.name],
            format_func=results.model_title,
            **address.bound("other", name, widget="pairing_other"),
        )
        st.button(
            "Swap",
            help="Swap networks A and B",
            key="pairing_swap",
            on_click=lambda: address.put(model=name, other=card.name),
        )
    return known[name]


def instructive(card: Card, known: Mapping[str, Card]) -> str:
    """The name of the most instructive network to compare with this one.

    For a fused network, that is the network with the next simpler fusion; for a single stream, the
    most complete network. Networks with the same classes, trained on the same world, come first.
    """
    others = [other for other in known.values() if other.name != card.name]
    least = min(_strangeness(card, other) for other in others)
    near = [other for other in others if _strangeness(card, other) == least]
    below = [other for other in near if _rung(other) < _rung(card)]
    if not below or not (card.spatial and card.temporal):
        return near[0].name  # networks are listed with the most complete first
    return max(below, key=lambda other: (_rung(other), _likeness(card, other))).name


def _strangeness(card: Card, other: Card) -> tuple[bool, bool]:
    return set(other.labels) != set(card.labels), other.world != card.world


def _rung(card: Card) -> int:
    """Degree of fusion: one stream, fused predictions, fused features."""
    if card.places and card.fusion is not None and card.fusion in FUSIONS:
        return 3 + FUSIONS[card.fusion].rank
    if card.spatial and card.temporal:
        return 2
    return 1 if card.temporal else 0


def _likeness(card: Card, other: Card) -> int:
    same = ("place", "pool", "keep_temporal", "start", "chunks", "stack")
    return sum(getattr(card, name) == getattr(other, name) for name in same)
