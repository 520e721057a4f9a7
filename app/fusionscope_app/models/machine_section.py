"""Machine section: check this machine on request; plot how time grew in the last bench."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots

from fusionscope.bench.stored_result import last_growth
from fusionscope_app.models import cards_html
from fusionscope_app.server import demo_mode
from fusionscope_app.state import results
from fusionscope_app.widgets import plot_colours

_DASHES = {"decode": "dot", "flow": "solid", "forward": "dash", "analysis": "solid"}
_COLOURS = {"decode": "appearance", "flow": "motion", "forward": "ink", "analysis": "fused"}
_UNITS = {"frames": "frames of the clip", "size": "short side (pixels)", "chunks": "chunks"}


def machine_section() -> None:
    """The check and the last bench; nothing on a public demonstration."""
    if demo_mode.is_demo():
        return
    st.header("This machine")
    if st.button("Check this machine", key="models_doctor"):
        with st.spinner("Loading libraries and weights …", show_time=True):
            st.html(cards_html.checks_html(results.examined()))
    if grown := last_growth():
        st.plotly_chart(
            growth_curves(grown, plot_colours.shades()),
            key="models_growth",
            alt="Times of the same work against its size, on this machine",
        )
        st.caption(
            "Time of each stage on this machine in the last `fusionscope bench`. Each panel varies "
            "one quantity and keeps the other two fixed."
        )


def growth_curves(grown: Sequence[Mapping[str, Any]], shades: Mapping[str, str]) -> go.Figure:
    """Plot the seconds of every stage against each quantity, a panel each, on one scale."""
    figure = make_subplots(1, len(grown), shared_yaxes=True, horizontal_spacing=0.04)
    named: set[str] = set()
    for column, one in enumerate(grown, start=1):
        for stage, seconds in one["seconds"].items():
            figure.add_scatter(
                x=one["at"],
                y=seconds,
                name=stage,
                legendgroup=stage,
                showlegend=stage not in named,
                mode="lines+markers",
                line={
                    "color": shades[_COLOURS.get(stage, "ink")],
                    "dash": _DASHES.get(stage, "solid"),
                },
                hovertemplate=f"{stage}: %{{y:.2f}} s at %{{x}}<extra></extra>",
                row=1,
                col=column,
            )
            named.add(stage)
        title = _UNITS.get(one["of"], one["of"])
        figure.update_xaxes(title=title, tickvals=one["at"], zeroline=False, row=1, col=column)
    figure.update_yaxes(title="time (s)", rangemode="tozero", row=1, col=1)
    figure.update_layout(
        height=300,
        margin={"l": 0, "r": 0, "t": 30, "b": 0},
        legend={"orientation": "h", "y": 1.15},
    )
    return figure
