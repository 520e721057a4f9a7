"""Error filters: which clips of a trial are listed. A mark in a figure is a filter that it sets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from core.study.errors import BINS, PARTS, bin_of, cell_name, cells
from core.study.trial import Trial

_KEYS = ("part", "truth", "said", "sure", "text")
CELLS = tuple(map(cell_name, reversed(range(8))))
SURE = tuple(f"{at / BINS:.1f} to {(at + 1) / BINS:.1f}" for at in range(BINS))


def put(**values: str | None) -> None:
    """Set filters from a callback; None lets all through. What is not named is let go."""
    for name in _KEYS:
        st.session_state[f"errors_{name}"] = values.get(name, "" if name == "text" else None)
    st.session_state["errors_marked"] = ()


def value(name: str) -> str:
    """What a filter is set to; empty where it lets all through."""
    return st.session_state.get(f"errors_{name}") or ""


def forget_marks() -> None:
    """Let all clips through, and draw the figures anew, with nothing marked."""
    st.session_state["errors_drawn"] = st.session_state.get("errors_drawn", 0) + 1
    put()


def chart_key(name: str) -> str:
    """A figure's key: another one after the marks were forgotten."""
    return f"errors_{name}_{st.session_state.get('errors_drawn', 0)}"


def on_mark(key: str, put_point: Callable[[dict[str, Any]], None]) -> Callable[[], None]:
    """A callback that hands the one point picked in a figure on; none: all filters are let go."""

    def picked() -> None:
        points = st.session_state[key].selection.points
        if points:
            put_point(points[0])
        else:
            put()

    return picked


def filters(trial: Trial) -> np.ndarray:
    """The row of filters -> (m,) rows of the clips that pass them all."""
    parts = [name for name in PARTS if trial.late or "late" not in name]
    where = st.columns([2.2, 1.3, 1.3, 1, 1.3, 0.8], vertical_alignment="bottom")
    _choice(where[0], "part", "Which", [*parts, *CELLS], "all clips")
    _choice(where[1], "truth", "Truth", list(trial.classes), "any")
    _choice(where[2], "said", "Fused says", list(trial.classes), "any")
    _choice(where[3], "sure", "Sure of it", list(SURE), "any")
    where[4].text_input(
        "Clip", key="errors_text", placeholder="part of its name", bind="query-params"
    )
    where[5].button("Clear", key="errors_clear", on_click=forget_marks, width="stretch")
    return np.flatnonzero(passing(trial))


def _choice(where: Any, name: str, label: str, options: list[str], unset: str) -> None:
    where.selectbox(
        label,
        options,
        index=None,
        placeholder=unset,
        key=f"errors_{name}",
        bind="query-params",
    )


def passing(trial: Trial) -> np.ndarray:
    """(n,) does a clip pass all filters?"""
    fused, keep = trial.fused, np.ones(len(trial.labels), bool)
    part = value("part")
    if part in CELLS:
        keep &= cells(trial) == 7 - CELLS.index(part)
    elif part in PARTS:
        keep &= PARTS[part](trial)
    if value("truth") in trial.classes:
        keep &= trial.labels == trial.classes.index(value("truth"))
    if value("said") in trial.classes:
        keep &= fused.said == trial.classes.index(value("said"))
    if value("sure") in SURE:
        keep &= bin_of(fused.sure) == SURE.index(value("sure"))
    wanted, marked = value("text").strip().lower(), st.session_state.get("errors_marked", ())
    if wanted:
        keep &= np.array([wanted in clip.lower() for clip in fused.clips])
    if marked:
        keep &= np.isin(fused.clips, marked)
    return keep
