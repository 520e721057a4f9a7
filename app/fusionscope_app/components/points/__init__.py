"""Points: tens of thousands of clips as points on a canvas; one, or a box of several, is chosen."""

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
from fusionscope.evaluation.answers import Answers
from fusionscope_app.components.script import joined_script
from fusionscope_app.theme.palette import VARIABLES
from fusionscope_app.theme.stylesheet import TYPE

_HERE = Path(__file__).parent
_UNKNOWN = 255  # of a value
_component = component(
    "fusionscope_points",
    css=f"{TYPE}.fs-points {{ {VARIABLES} }}\n{(_HERE / 'points.css').read_text('utf-8')}",
    js=joined_script(_HERE / "points.js"),
)


def points(
    answers: Answers,
    places: np.ndarray,
    label: str,
    axes: tuple[str, str] | None = None,
    values: np.ndarray | None = None,
    marked: Sequence[str] = (),
    *,
    key: str,
    on_pick: Callable[[list[int]], None],
) -> None:
    """Show each clip as a point; a cross marks an incorrect prediction.

    Args:
        places: (n, 2) x and y; y is drawn upwards.
        label: what the picture shows, for people who cannot see it.
        axes: titles of x and y, which then lie in 0..1; without them there are no axes.
        values: (n,) in 0..1, from appearance to motion: the points' colours. Without them, colour
            and shape say whether the prediction is correct.
        marked: ids of clips to mark.
        on_pick: called with the rows of the chosen clips; none: nothing is chosen any more.
    """

    def picked() -> None:
        on_pick(read_rows(st.session_state[key].pick, len(answers.clips)))

    data = packed(answers, places, label, axes, values, marked)
    _component(key=key, data=data, on_pick_change=picked)


def packed(
    answers: Answers,
    places: np.ndarray,
    label: str,
    axes: tuple[str, str] | None,
    values: np.ndarray | None,
    marked: Sequence[str],
) -> bytes:
    """All that the browser draws: a JSON header, then n times x, y (float32), truth, prediction
    (uint16), and value in 0..254 or 255 (uint16); each kind in a row of its own.
    """
    known = np.full(len(answers.clips), _UNKNOWN) if values is None else np.round(254 * values)
    codes = np.stack((answers.labels, answers.said, known)).astype("<u2")
    where = np.asarray(places, "<f4").T.copy()
    row = {clip: at for at, clip in enumerate(answers.clips)} if marked else {}
    header = {
        "id": digest_of(where, codes, label)[:16],
        "clips": answers.clips,
        "classes": [class_name(name) for name in answers.classes],
        "label": label,
        "axes": axes,
        "valued": values is not None,
        "marked": [row[clip] for clip in marked if clip in row],
    }
    words = json.dumps(header).encode()
    return struct.pack("<I", len(words)) + words + where.tobytes() + codes.tobytes()


def read_rows(sent: object, count: int) -> list[int]:
    """Validate what the browser sent: rows of clips; what is no row is left out."""
    there = sent if isinstance(sent, list) else []
    return [row for row in there if type(row) is int and 0 <= row < count]
