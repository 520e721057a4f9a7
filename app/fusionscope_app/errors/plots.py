"""Error plots: the statistics of a trial as Plotly figures; pure functions of numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from fusionscope.base.numbers import class_name
from fusionscope.base.streams import COLOURS
from fusionscope.evaluation.statistics import BINS, Interval, Reliability
from fusionscope_app.theme.sign import sign_marks

_NONE: Mapping[str, int] = MappingProxyType({})
ROW = 19  # pixels a class
_BETTER = "\N{MINUS SIGN} worse \N{MIDDLE DOT} better +"
_FAVOURS = "\N{MINUS SIGN} against \N{MIDDLE DOT} for +"
_STEADY = {"selected": {"marker": {"opacity": 1}}, "unselected": {"marker": {"opacity": 0.35}}}


def class_bars(
    shares: Mapping[str, np.ndarray],
    counts: np.ndarray,
    names: Sequence[str],
    shades: Mapping[str, str],
) -> go.Figure:
    """Role -> (K,) accuracy in each class -> three bars a class."""
    figure = go.Figure()
    for role in ("fused", "temporal", "spatial"):
        right = np.nan_to_num(shares[role] * counts).round().astype(int)
        figure.add_bar(
            y=[literal(name) for name in names],
            x=100 * shares[role],
            orientation="h",
            name=COLOURS[role],
            marker={"color": shades[COLOURS[role]]},
            customdata=np.column_stack((right, counts)).tolist(),
            hovertext=[literal(class_name(name)) for name in names],
            hovertemplate="%{hovertext}: %{customdata[0]} of %{customdata[1]} correct",
            **_STEADY,
        )
    figure.update_xaxes(title="accuracy (%)", range=[0, 102])
    figure.update_yaxes(autorange="reversed", showgrid=False, **_named(names))
    figure.update_layout(bargap=0.25, legend={"traceorder": "reversed"})
    return finished(figure, shades, 32 * len(names) + 100, {"t": 50})


def synergy_bars(
    synergy: np.ndarray | None, gain: np.ndarray, names: Sequence[str], shades: Mapping[str, str]
) -> go.Figure:
    """(K,) mean synergy and (K,) gain in accuracy -> two bar charts, one row a class."""
    drawn = [(100 * gain, f"gain (percentage points)<br>{_BETTER}")]
    if synergy is not None:
        drawn.insert(0, (synergy, f"mean interaction<br>{_FAVOURS}"))
    figure = make_subplots(1, len(drawn), shared_yaxes=True, horizontal_spacing=0.06)
    for at, (values, title) in enumerate(drawn, 1):
        figure.add_trace(
            go.Bar(
                y=[literal(name) for name in names],
                x=values,
                orientation="h",
                marker=sign_marks(values, shades),
                hovertext=[literal(class_name(name)) for name in names],
                hovertemplate="%{hovertext}: %{x:+.2f}<extra></extra>",
                **_STEADY,
            ),
            1,
            at,
        )
        figure.update_xaxes(title=title, zerolinecolor=shades["ink"], side="top", row=1, col=at)
    figure.update_yaxes(autorange="reversed", showgrid=False, **_named(names))
    figure.update_layout(showlegend=False)
    return finished(figure, shades, ROW * len(names) + 90, {"t": 70})


def reliability_bars(found: Reliability, shades: Mapping[str, str]) -> go.Figure:
    """Accuracy by confidence, with the line on which the two are equal."""
    middles = (np.arange(BINS) + 0.5) / BINS
    figure = go.Figure()
    figure.add_bar(
        x=middles,
        y=found.right,
        width=0.92 / BINS,
        marker={"color": shades["fused"]},
        text=[f"{n}" if n else "" for n in found.counts],
        textposition="outside",
        customdata=np.column_stack((found.counts, found.sure)).tolist(),
        hovertemplate="%{customdata[0]} clips: confidence %{customdata[1]:.2f}, accuracy %{y:.2f}",
        cliponaxis=False,
        name="",
        **_STEADY,
    )
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line={"color": shades["ink"], "dash": "dot"},
        hoverinfo="skip",
    )
    figure.update_xaxes(title="confidence (probability of the prediction)", range=[0, 1], dtick=0.2)
    figure.update_yaxes(title="accuracy", range=[0, 1.1], tickvals=[0, 0.2, 0.4, 0.6, 0.8, 1])
    figure.update_layout(showlegend=False)
    return finished(figure, shades, 400)


def weight_curve(
    weights: np.ndarray,
    found: Sequence[Interval],
    title: str,
    at: float | None,
    shades: Mapping[str, str],
) -> go.Figure:
    """(m,) weights and the accuracy at each -> a curve with its band; a line at one weight."""
    low, high, mean = (
        [100 * getattr(one, name) for one in found] for name in ("low", "high", "mean")
    )
    figure = go.Figure()
    figure.add_scatter(
        x=[*weights, *weights[::-1]],
        y=[*high, *low[::-1]],
        fill="toself",
        mode="none",
        fillcolor=shades["fused"],
        opacity=0.2,
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=weights,
        y=mean,
        mode="lines",
        line={"color": shades["fused"], "width": 3},
        customdata=np.column_stack((low, high)).tolist(),
        hovertemplate="%{x:.3f}: %{y:.1f} % (%{customdata[0]:.1f} to %{customdata[1]:.1f})"
        "<extra></extra>",
    )
    if at is not None:
        figure.add_vline(at, line={"color": shades["ink"], "dash": "dot"})
    figure.update_xaxes(title=literal(title), range=[0, 1], zeroline=False)
    figure.update_yaxes(title="accuracy (%)", zeroline=False)
    figure.update_layout(showlegend=False)
    return finished(figure, shades, 360)


def _named(names: Sequence[str]) -> dict[str, Any]:
    """Ticks of an axis of classes: the bars keep the labels, which the filters take."""
    return {
        "type": "category",
        "tickvals": list(map(literal, names)),
        "ticktext": [literal(class_name(name)) for name in names],
    }


def finished(
    figure: go.Figure, shades: Mapping[str, str], height: int, margin: Mapping[str, int] = _NONE
) -> go.Figure:
    """Apply what all figures share: text in the page's colour, a click that selects a mark."""
    words = {"tickfont": {"color": shades["ink"]}, "title": {"font": {"color": shades["ink"]}}}
    figure.update_xaxes(**words)
    figure.update_yaxes(**words)
    return figure.update_layout(
        height=height,
        margin={"l": 0, "r": 0, "t": 10, "b": 0, **margin},
        legend={
            "orientation": "h",
            "y": 1.02,
            "yanchor": "bottom",
            "font": {"color": shades["ink"]},
        },
        clickmode="event+select",
        dragmode=False,
    )


def literal(name: str) -> str:
    """A name as Plotly shows it literally: it reads a part of HTML."""
    return name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
