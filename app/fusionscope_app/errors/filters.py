"""Error filters: which clips of a trial are listed. Choosing a mark in a figure sets a filter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import streamlit as st

from fusionscope.base.numbers import class_name
from fusionscope.evaluation.head_trial import HeadTrial
from fusionscope.evaluation.sentences import outcome_title
from fusionscope.evaluation.slices.column_parts import named_parts
from fusionscope.evaluation.statistics import BINS, PARTS, bin_of, cell_name, cells
from fusionscope_app.errors.kept import of_trial
from fusionscope_app.state import address

_KEYS = ("part", "truth", "said", "sure", "text", "slice", "tag", "odd")
CELLS = tuple(map(cell_name, reversed(range(8))))
SURE = tuple(f"{at / BINS:.1f} to {(at + 1) / BINS:.1f}" for at in range(BINS))


def put(**values: str | None) -> None:
    """Set filters from a callback; None, or a name left out, clears a filter."""
    address.put(**{f"errors_{name}": values.get(name) for name in _KEYS})
    st.session_state["errors_marked"] = ()


def value(name: str) -> str:
    """The value of a filter; empty if it is not set."""
    return address.word(f"errors_{name}")


def marked() -> tuple[str, ...]:
    """Ids of the clips chosen one by one or on a map; none: the list is not limited to them."""
    return st.session_state.get("errors_marked", ())


def forget_marks() -> None:
    """Clear all filters and redraw the figures without a selection."""
    st.session_state["errors_drawn"] = st.session_state.get("errors_drawn", 0) + 1
    put()


def chart_key(name: str) -> str:
    """The key of a figure; it changes when the selections are cleared."""
    return f"errors_{name}_{st.session_state.get('errors_drawn', 0)}"


def on_mark(key: str, put_point: Callable[[dict[str, Any]], None]) -> Callable[[], None]:
    """A callback that passes on the selected point; if none is selected, it clears all filters."""

    def picked() -> None:
        points = st.session_state[key].selection.points
        if points:
            put_point(points[0])
        else:
            put()

    return picked


def filters(trial: HeadTrial) -> np.ndarray:
    """Show the filters -> (m,) rows of the clips that match all of them."""
    slices = slices_there(trial)
    widths = [2.2, 1.3, 1.3, 1, 1.3, *([1.3] if slices else []), 0.8]
    where = st.columns(widths, vertical_alignment="bottom")
    _choice(where[0], "part", "Outcome", [*parts_of(trial), *CELLS], "all clips")
    _choice(where[1], "truth", "Truth", list(trial.classes), "any")
    _choice(where[2], "said", "Fused prediction", list(trial.classes), "any")
    _choice(where[3], "sure", "Confidence", list(SURE), "any")
    where[4].text_input(
        "Clip name",
        placeholder="part of the name",
        **address.bound("errors_text", value("text"), usual=""),
    )
    if slices:
        _choice(where[5], "slice", "Slice", list(slices), "any")
    where[-1].button("Clear", key="errors_clear", on_click=forget_marks, width="stretch")
    return np.flatnonzero(passing(trial))


def _choice(where: Any, name: str, label: str, options: list[str], unset: str) -> None:
    where.selectbox(
        label,
        options,
        index=None,
        format_func={"part": outcome_title, "slice": str}.get(name, class_name),
        placeholder=unset,
        **address.bound(f"errors_{name}", value(name) if value(name) in options else None),
    )


def parts_of(trial: HeadTrial) -> list[str]:
    """Names of the parts that can be listed; those about late fusion only if a head does it."""
    return [name for name in PARTS if trial.late or "late" not in name]


def slices_there(trial: HeadTrial) -> Mapping[str, np.ndarray]:
    """Name -> rows of the parts that the columns of the file cut the trial into."""
    return of_trial(trial, "slices_there", make=lambda: named_parts(trial))


def passing(trial: HeadTrial) -> np.ndarray:
    """(n,) bool: does a clip match all filters?"""
    fused, keep = trial.fused, np.ones(len(trial.labels), bool)
    part = value("part")
    if part in CELLS:
        keep &= cells(trial) == 7 - CELLS.index(part)
    elif part in parts_of(trial):
        keep &= PARTS[part](trial)
    if value("truth") in trial.classes:
        keep &= trial.labels == trial.classes.index(value("truth"))
    if value("said") in trial.classes:
        keep &= fused.said == trial.classes.index(value("said"))
    if value("sure") in SURE:
        keep &= bin_of(fused.sure) == SURE.index(value("sure"))
    if (rows := slices_there(trial).get(value("slice"))) is not None:
        keep &= np.isin(np.arange(len(keep)), rows)
    wanted = value("text").strip().lower()
    if wanted:
        keep &= np.array([wanted in clip.lower() for clip in fused.clips])
    if chosen := {*marked()}:
        keep &= np.array([clip in chosen for clip in fused.clips])
    return keep
