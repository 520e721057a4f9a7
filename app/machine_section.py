"""Machine: what the doctor finds here, when asked, and how the stages grew in the last bench."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots

from app import controls, demo, modelcards, session
from core.bench.last import last_growth

_DASHES = {"decode": "dot", "flow": "solid", "forward": "dash", "analysis": "solid"}
_COLOURS = {"decode": "appearance", "flow": "motion", "forward": "ink", "analysis": "fused"}
_UNITS = {"frames": "frames of the clip", "size": "pixels of the short side", "chunks": "chunks"}


def machine_section() -> None:
    """Nothing in a demonstration: what a server is made of is no stranger's business."""
    if demo.is_demo():
        return
    st.subheader("This machine")
    if st.button("Look what is there", key="models_doctor"):
        with st.spinner("Opening libraries and weights …", show_time=True):
            st.html(modelcards.checks_html(session.examined()))
    if grown := last_growth():
        st.plotly_chart(growth_curves(grown, controls.shades()), key="models_growth")
        st.caption(
            "Seconds of each stage on this machine, as the last `fusionscope bench` measured them; "
            "each panel lets one thing grow and leaves the other two as they are."
        )


def growth_curves(grown: Sequence[Mapping[str, Any]], shades: Mapping[str, str]) -> go.Figure:
    """Seconds of every stage against what grows, a panel for each, on one scale."""
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
    figure.update_yaxes(title="seconds", rangemode="tozero", row=1, col=1)
    figure.update_layout(
        height=300,
        margin={"l": 0, "r": 0, "t": 30, "b": 0},
        legend={"orientation": "h", "y": 1.15},
    )
    return figure
