"""Eight: the table of who is right, whose eight cells are buttons, for mouse and keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from streamlit.components.v2 import component

from app.palette import LIGHT, VARIABLES
from core.study.errors import cell_name

_HERE = Path(__file__).parent
_NAMES = "\n".join(f".fs-eight .fs-{name} {{ --fs-c: var(--fs-{name}); }}" for name in LIGHT)
_component = component(
    "fusionscope_eight",
    css=f".fs-eight {{ {VARIABLES} }}\n{_NAMES}\n{(_HERE / 'eight.css').read_text('utf-8')}",
    js=(_HERE / "eight.js").read_text("utf-8"),
)


def eight_table(
    counts: np.ndarray, chosen: int | None, *, key: str, on_pick: Callable[[int | None], None]
) -> None:
    """Show (8,) counts with the cell ``chosen`` marked.

    Args:
        on_pick: hears the cell that is picked, None where the chosen one is picked again.
    """

    def picked() -> None:
        pick = st.session_state[key].pick
        if pick in range(-1, 8):
            on_pick(None if pick < 0 else int(pick))

    _component(key=key, data=drawn(counts, chosen), on_pick_change=picked)


def drawn(counts: np.ndarray, chosen: int | None) -> dict[str, Any]:
    """What the browser draws."""
    cells = [
        {"count": int(count), "name": cell_name(cell), "word": _word(cell)}
        for cell, count in enumerate(counts)
    ]
    return {"cells": cells, "chosen": -1 if chosen is None else chosen}


def _word(cell: int) -> str:
    """What fusion did there."""
    if cell & 1:
        return "rescued" if cell == 1 else "right"
    return "missed by all" if cell == 0 else "lost"
