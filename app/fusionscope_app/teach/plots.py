"""Plots of page Teach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from fusionscope_app.teach.words import COLOURS, HEADS, TITLES

if TYPE_CHECKING:
    from fusionscope.teaching.learning_curve import CurvePoint

_DASHES = {"appearance": "dot", "motion": "dash", "late": "dashdot", "fused": "solid"}


def curve(points: Sequence[CurvePoint], chance: float, shades: Mapping[str, str]) -> go.Figure:
    """Plot the accuracy of each classifier against the clips taught of each class."""
    figure = go.Figure()
    counts = [point.clips for point in points]
    for head in HEADS:
        figure.add_scatter(
            x=counts,
            y=[100 * point.accuracy[head] for point in points],
            name=TITLES[head],
            mode="lines+markers",
            line={"color": shades[COLOURS[head]], "dash": _DASHES[head]},
            hovertemplate=f"{TITLES[head]}: %{{y:.0f}} % with %{{x}} clips<extra></extra>",
        )
    figure.add_hline(y=100 * chance, line={"color": shades["muted"], "dash": "dot", "width": 1})
    figure.update_xaxes(title="clips of each class", tickvals=counts)
    figure.update_yaxes(title="accuracy (%)", range=[0, 104])
    figure.update_layout(
        height=280, margin={"l": 0, "r": 0, "t": 30, "b": 0}, legend={"orientation": "h", "y": 1.2}
    )
    return figure
