"""Outcome table: clips by whether appearance, motion and fusion are correct; cells are buttons."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from streamlit.components.v2 import component

from fusionscope.evaluation.sentences import outcome_title
from fusionscope.evaluation.statistics import cell_name
from fusionscope_app.components.script import joined_script
from fusionscope_app.theme.palette import LIGHT, VARIABLES
from fusionscope_app.theme.stylesheet import TYPE

_HERE = Path(__file__).parent
_NAMES = "\n".join(f".fs-eight .fs-{name} {{ --fs-c: var(--fs-{name}); }}" for name in LIGHT)
_component = component(
    "fusionscope_eight",
    css=f"{TYPE}.fs-eight {{ {VARIABLES} }}\n{_NAMES}\n{(_HERE / 'eight.css').read_text('utf-8')}",
    js=joined_script(_HERE / "eight.js"),
)


def eight_table(
    counts: np.ndarray, chosen: int | None, *, key: str, on_pick: Callable[[int | None], None]
) -> None:
    """Show (8,) counts with the cell ``chosen`` marked.

    Args:
        on_pick: called with the chosen cell; with None when the chosen cell is clicked again.
    """

    def picked() -> None:
        pick = st.session_state[key].pick
        if pick in range(-1, 8):
            on_pick(None if pick < 0 else int(pick))

    _component(key=key, data=drawn(counts, chosen), on_pick_change=picked)


def drawn(counts: np.ndarray, chosen: int | None) -> dict[str, Any]:
    """Return all numbers and words that the browser draws."""
    cells = [
        {"count": int(count), "name": outcome_title(cell_name(cell)), "word": _word(cell)}
        for cell, count in enumerate(counts)
    ]
    return {"cells": cells, "chosen": -1 if chosen is None else chosen}


def _word(cell: int) -> str:
    """The effect of fusion on the clips of a cell."""
    if cell & 1:
        return "rescued" if cell == 1 else "correct"
    return "all incorrect" if cell == 0 else "lost"
