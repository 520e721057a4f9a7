"""Slice plot: a measure of each slice with its interval, all on one axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from fusionscope.base.numbers import plain
from fusionscope.evaluation.slices.compare_slices import Slice
from fusionscope.evaluation.slices.slice_words import LEVEL
from fusionscope_app.errors.plots import ROW, finished, literal

_LONGEST = 28  # letters of a value beside the axis
TITLES = {
    "accuracy": "accuracy (%)",
    "gain": "gain (points)",
    "synergy": "mean interaction",
}


def slice_plot(
    slices: Sequence[Slice], measure: str, whole: float, shades: Mapping[str, str]
) -> go.Figure:
    """One row a slice, below the name of its column; a line at the mean of all clips.

    Args:
        whole: the measure over all clips, in the units of the slices.
    """
    scale = 1.0 if measure == "synergy" else 100.0
    places = 2 if measure == "synergy" else 1
    rows: list[Slice | str] = []
    for one in slices:
        if not rows or not isinstance(last := rows[-1], Slice) or last.column != one.column:
            rows.append(one.column)
        rows.append(one)
    figure = go.Figure()
    figure.add_vline(scale * whole, line={"color": shades["ink"], "dash": "dot", "width": 1})
    places_of = {at: one for at, one in enumerate(rows) if isinstance(one, Slice)}
    found = [one.measures[measure] for one in places_of.values()]
    marked = [each.corrected < LEVEL for each in found]
    figure.add_scatter(
        x=[scale * each.inside.mean for each in found],
        y=list(places_of),
        mode="markers",
        marker={
            "color": shades["fused"],
            "size": 9,
            "symbol": ["diamond" if mark else "circle-open" for mark in marked],
            "line": {"width": 2, "color": shades["fused"]},
        },
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [scale * (each.inside.high - each.inside.mean) for each in found],
            "arrayminus": [scale * (each.inside.mean - each.inside.low) for each in found],
            "color": shades["fused"],
            "thickness": 2,
            "width": 4,
        },
        customdata=[one.name for one in places_of.values()],
        hovertext=[
            _hover(one, measure, scale, places, shown=mark)
            for one, mark in zip(places_of.values(), marked, strict=True)
        ],
        hovertemplate="%{hovertext}<extra></extra>",
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 0.35}},
        showlegend=False,
    )
    figure.update_xaxes(title=TITLES[measure], zeroline=False)
    figure.update_yaxes(
        tickvals=list(range(len(rows))),
        ticktext=[_label(one) for one in rows],
        range=[len(rows) - 0.4, -0.6],
        showgrid=False,
        zeroline=False,
    )
    return finished(figure, shades, (ROW + 5) * len(rows) + 70)


def _label(row: Slice | str) -> str:
    text = row if isinstance(row, str) else row.value
    text = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return f"<b>{literal(text)}</b>" if isinstance(row, str) else literal(text)


def _hover(one: Slice, measure: str, scale: float, places: int, *, shown: bool) -> str:
    found = one.measures[measure]
    mean, low, high = (
        plain(scale * value, places)
        for value in (found.inside.mean, found.inside.low, found.inside.high)
    )
    span = "" if found.inside.low != found.inside.low else f" ({low} to {high})"
    gap = plain(scale * found.difference.mean, places)
    p = "not tested" if found.p != found.p else f"corrected p = {found.corrected:.2g}"
    mark = ", differs" if shown else ""
    return (
        f"{literal(one.name)}: {TITLES[measure]} {mean}{span}<br>{len(one.rows):,} clips; "
        f"{gap} from the other clips, {p}{mark}"
    )
