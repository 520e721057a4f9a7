"""Clip cards: one row of clips with picture and title, chosen by mouse or keys."""

import json
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from streamlit.components.v2 import component

from fusionscope_app.components.script import joined_script
from fusionscope_app.theme.stylesheet import TYPE

_HERE = Path(__file__).parent
_component = component(
    "fusionscope_cards",
    css=TYPE + (_HERE / "cards.css").read_text("utf-8"),
    js=joined_script(_HERE / "cards.js"),
)


@dataclass(frozen=True)
class ClipCard:
    """One clip of the row."""

    id: str
    title: str
    picture: bytes  # WebP


def clip_cards(
    shown: list[ClipCard], chosen: str, *, key: str, on_pick: Callable[[str], None]
) -> None:
    """Show the cards with ``chosen`` marked; call ``on_pick`` with the id of a card when chosen."""
    header = {
        "chosen": chosen,
        "cards": [{"id": c.id, "title": c.title, "size": len(c.picture)} for c in shown],
    }
    words = json.dumps(header).encode()
    data = struct.pack("<I", len(words)) + words + b"".join(c.picture for c in shown)
    known = {card.id for card in shown}

    def picked() -> None:
        pick = st.session_state[key].pick
        if pick in known:
            on_pick(pick)

    _component(key=key, data=data, on_pick_change=picked)
