"""Matrix: the confusion of any number of classes on a canvas: zoomed, moved, searched, chosen."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import streamlit as st
from streamlit.components.v2 import component

from fusionscope.base.numbers import class_name
from fusionscope.base.records import digest_of
from fusionscope_app.components.script import joined_script
from fusionscope_app.theme.palette import VARIABLES
from fusionscope_app.theme.stylesheet import TYPE

_HERE = Path(__file__).parent
_component = component(
    "fusionscope_matrix",
    css=f"{TYPE}.fs-matrix {{ {VARIABLES} }}\n{(_HERE / 'matrix.css').read_text('utf-8')}",
    js=joined_script(_HERE / "matrix.js"),
)


def matrix(
    table: np.ndarray,
    names: Sequence[str],
    shown: tuple[int, int],
    chosen: tuple[int, int] | None,
    *,
    key: str,
    on_pick: Callable[[int, int], None],
) -> None:
    """Show (K, K) numbers of clips, rows are true classes, columns predictions.

    Args:
        names: of the K classes, in the order of the table.
        shown: the first class, and the one after the last, that the view begins with.
        chosen: row and column of a marked cell.
        on_pick: called with row and column of a cell that is chosen.
    """

    def picked() -> None:
        pick = read_pick(st.session_state[key].pick, len(names))
        if pick:
            on_pick(*pick)

    _component(key=key, data=packed(table, names, shown, chosen), on_pick_change=picked)


def packed(
    table: np.ndarray,
    names: Sequence[str],
    shown: tuple[int, int],
    chosen: tuple[int, int] | None,
) -> bytes:
    """All that the browser draws: a JSON header, then row, column, clips of each cell (uint32)."""
    rows, columns = np.nonzero(table)
    cells = np.column_stack((rows, columns, table[rows, columns])).astype("<u4")
    header = {
        "id": digest_of(cells, *names)[:16],
        "names": [class_name(name) for name in names],
        "shown": [*shown],
        "chosen": [*chosen] if chosen else None,
    }
    words = json.dumps(header).encode()
    return struct.pack("<I", len(words)) + words + cells.tobytes()


def read_pick(sent: object, classes: int) -> tuple[int, int] | None:
    """Validate what the browser sent: row and column; None if it is anything else."""
    if isinstance(sent, list) and len(sent) == 2:
        row, column = sent
        if all(type(at) is int and 0 <= at < classes for at in (row, column)):
            return row, column
    return None
