"""Lens: one fused value drawn: inputs as moving maps, wires, bias, ReLU, output and window."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2 import component

from fusionscope.base.colour_ramps import RAMPS
from fusionscope.base.palette import SHADE, rgb
from fusionscope_app.components.script import joined_script
from fusionscope_app.theme.palette import VARIABLES
from fusionscope_app.theme.stylesheet import TYPE

Cell = tuple[int, int, int]  # chunk, row, column

_HERE = Path(__file__).parent
_component = component(
    "fusionscope_lens",
    css=f"{TYPE}.fs-unit {{ {VARIABLES} }}\n{(_HERE / 'lens.css').read_text('utf-8')}",
    js=f"""const RAMPS = {json.dumps(dict(RAMPS))};
const SHADE = {json.dumps(rgb(SHADE))};
{joined_script(_HERE / "lens.js")}""",
)


def lens_drawing(
    scene: bytes,
    *,
    key: str,
    shape: tuple[int, int, int] | None = None,
    on_cell: Callable[[Cell], None] | None = None,
) -> None:
    """Draw a scene (``scenes.py``).

    Args:
        shape: chunks, rows and columns of the fused map, to check a cell that comes back.
        on_cell: called with the cell that the viewer goes to, before the script reruns.
    """

    def picked() -> None:
        cell = read_cell(st.session_state[key].cell, shape)
        if cell and on_cell:
            on_cell(cell)

    _component(key=key, data=scene, on_cell_change=picked)


def read_cell(sent: Any, shape: tuple[int, int, int] | None) -> Cell | None:
    """Validate what the browser sent: chunk, row and column of a cell on the map."""
    if shape is None or not isinstance(sent, list) or len(sent) != 3:
        return None
    if not all(type(at) is int and 0 <= at < size for at, size in zip(sent, shape, strict=True)):
        return None
    chunk, row, column = sent
    return chunk, row, column
