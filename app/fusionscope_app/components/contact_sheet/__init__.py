"""Contact sheet: thousands of clips as cards with moving thumbnails.

The browser fetches thumbnails one by one from the server's sprite route, and makes only the cards
in view, so the number of clips hardly matters.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st
from streamlit.components.v2 import component

from fusionscope.base.records import digest_of
from fusionscope_app.components.script import joined_script
from fusionscope_app.state.sprite_route import SPRITES
from fusionscope_app.theme.palette import LIGHT, VARIABLES
from fusionscope_app.theme.stylesheet import TYPE

_HERE = Path(__file__).parent
_NAMES = "\n".join(f".fs-sheet .fs-{name} {{ --fs-c: var(--fs-{name}); }}" for name in LIGHT)
_component = component(
    "fusionscope_sheet",
    css=f"{TYPE}.fs-sheet {{ {VARIABLES} }}\n{_NAMES}\n{(_HERE / 'sheet.css').read_text('utf-8')}",
    js=joined_script(_HERE / "sheet.js"),
)


@dataclass(frozen=True)
class SheetHead:
    """One head of the cards: its name, its colour, and its prediction on each clip."""

    name: str
    stream: str  # appearance, motion or fused
    said: Sequence[int]  # n: indices into the sheet's classes
    sure: Sequence[float]  # n: confidence, 0..1


@dataclass(frozen=True)
class SheetCards:
    """The clips of a sheet, n in order."""

    ids: Sequence[str]  # n: the id of each clip in Explore; empty: its video is not found
    titles: Sequence[str]  # n
    classes: Sequence[str] = ()  # K names, as shown
    truth: Sequence[int] = ()  # n: indices into ``classes``; empty: unknown
    heads: Sequence[SheetHead] = ()
    tags: Sequence[str] = ()  # n: as shown, joined; empty: none


def contact_sheet(
    cards: SheetCards,
    *,
    key: str,
    on_open: Callable[[int], None],
    on_select: Callable[[tuple[int, ...]], None] | None = None,
    chosen: str = "",
    selected: Sequence[int] = (),
    search: bool = False,
    large: bool = False,
) -> None:
    """Show the cards in a box that scrolls; the keys are those of ``sheet.js``.

    Args:
        on_open: called with the number of a card that was clicked.
        on_select: called with the numbers of the selected cards when they change; without it, none
            can be selected.
        chosen: the id of the clip that is open.
        selected: the numbers of the selected cards.
        search: show a search box above the cards.
        large: show the cards in one column, always playing.
    """
    heads = [vars(head) for head in cards.heads]
    rows = json.dumps(vars(cards) | {"heads": heads}).encode()
    header = {
        "digest": digest_of(np.frombuffer(rows, np.uint8))[:16],
        "source": SPRITES,
        "chosen": chosen,
        "selected": [*map(int, selected)],
        "selects": on_select is not None,
        "search": search,
        "large": large,
    }
    words = json.dumps(header).encode()
    count = len(cards.ids)

    def opened() -> None:
        at = st.session_state[key].open
        if isinstance(at, int) and 0 <= at < count:
            on_open(at)

    def picked() -> None:
        given = st.session_state[key].select
        if on_select is not None and isinstance(given, list):
            on_select(tuple(at for at in given if isinstance(at, int) and 0 <= at < count))

    _component(
        key=key,
        data=struct.pack("<I", len(words)) + words + rows,
        on_open_change=opened,
        on_select_change=picked,
    )
