"""Error plots: what a trial's answers add up to, as Plotly figures; pure functions of numbers.

Heat maps cannot be picked in Plotly, so a confusion has unseen squares laid over its cells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.streams import COLOURS
from core.study.errors import BINS, Reliability

_NONE: Mapping[str, int] = MappingProxyType({})
_ROW = 19  # pixels a class
_STEADY = {"selected": {"marker": {"opacity": 1}}, "unselected": {"marker": {"opacity": 0.35}}}


def confusion_map(
    table: np.ndarray, names: Sequence[str], shades: Mapping[str, str], signed: bool = False
) -> go.Figure:
    """(K, K) clips, or the difference of two such -> truth against what is said."""
    rows, columns = np.nonzero(table)
    shown = [[str(n) if n else "" for n in row] for row in table] if len(names) <= 30 else None
    if signed:
        limit = max(1, int(np.abs(table).max(initial=0)))
        scale = [[0, shades["appearance"]], [0.5, shades["ground"]], [1, shades["fused"]]]
        shown = [[f"{n:+d}" if n else "" for n in row] for row in table] if shown else None
    else:
        limit = max(1, int(table.max(initial=0)))
        scale = [[0, shades["ground"]], [1, shades["fused"]]]
    figure = go.Figure(
        go.Heatmap(
            z=table,
            zmin=-limit if signed else 0,
            zmax=limit,
            colorscale=scale,
            showscale=False,
            text=shown,
            texttemplate="%{text}" if shown else None,
            hoverinfo="skip",
        )
    )
    told = [
        f"{names[row]} said to be {names[column]}"
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
    ]
    figure.add_scatter(
        x=columns.tolist(),
        y=rows.tolist(),
        mode="markers",
        marker={"symbol": "square", "size": _ROW, "color": shades["ink"], "opacity": 0},
        selected={"marker": {"opacity": 0.18}},
        unselected={"marker": {"opacity": 0}},
        customdata=np.column_stack((rows, columns)).tolist(),
        text=[
            f"{words}: {n:+d}" if signed else f"{words}: {n}"
            for words, n in zip(told, table[rows, columns], strict=True)
        ],
        hovertemplate="%{text}<extra></extra>",
        showlegend=False,
    )
    ticks: dict[str, Any] = {
        "tickvals": list(range(len(names))),
        "ticktext": list(names),
        "showgrid": False,
        "zeroline": False,
        "range": [-0.5, len(names) - 0.5],
    }
    figure.update_xaxes(**ticks, tickangle=-90, title="said")
    figure.update_yaxes(**ticks, title="truth")
    figure.update_yaxes(range=[len(names) - 0.5, -0.5])
    return _finished(figure, shades, max(300, _ROW * len(names) + 130), {"t": 4})


def class_bars(
    shares: Mapping[str, np.ndarray],
    counts: np.ndarray,
    names: Sequence[str],
    shades: Mapping[str, str],
) -> go.Figure:
    """Role -> (K,) share of each class named rightly -> bars, three a class."""
    figure = go.Figure()
    for role in ("fused", "temporal", "spatial"):
        right = np.nan_to_num(shares[role] * counts).round().astype(int)
        figure.add_bar(
            y=list(names),
            x=100 * shares[role],
            orientation="h",
            name={"fused": "fused", "temporal": "motion alone", "spatial": "appearance alone"}[
                role
            ],
            marker={"color": shades[COLOURS[role]]},
            customdata=np.column_stack((right, counts)).tolist(),
            hovertemplate="%{y}: %{customdata[0]} of %{customdata[1]}",
            **_STEADY,
        )
    figure.update_xaxes(title="named rightly, % of the class", range=[0, 102])
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_layout(bargap=0.25, legend={"traceorder": "reversed"})
    return _finished(figure, shades, 32 * len(names) + 100, {"t": 50})


def synergy_bars(
    synergy: np.ndarray | None, gain: np.ndarray, names: Sequence[str], shades: Mapping[str, str]
) -> go.Figure:
    """(K,) mean synergy and (K,) gain in accuracy -> bars side by side, one row a class."""
    drawn = [(100 * gain, "gain, points")]
    if synergy is not None:
        drawn.insert(0, (synergy, "mean synergy"))
    figure = make_subplots(1, len(drawn), shared_yaxes=True, horizontal_spacing=0.06)
    for at, (values, title) in enumerate(drawn, 1):
        figure.add_trace(
            go.Bar(
                y=list(names),
                x=values,
                orientation="h",
                marker={
                    "color": np.where(np.nan_to_num(values) < 0, shades["against"], shades["fused"])
                },
                hovertemplate="%{y}: %{x:+.2f}<extra></extra>",
                **_STEADY,
            ),
            1,
            at,
        )
        figure.update_xaxes(title=title, zerolinecolor=shades["ink"], side="top", row=1, col=at)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_layout(showlegend=False)
    return _finished(figure, shades, _ROW * len(names) + 70, {"t": 50})


def reliability_bars(found: Reliability, shades: Mapping[str, str]) -> go.Figure:
    """How often a head is right when it is so sure, beside the line where both are the same."""
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
        hovertemplate="%{customdata[0]} clips: P %{customdata[1]:.2f}, right %{y:.2f}",
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
    figure.update_xaxes(title="how sure it is: P of what it says", range=[0, 1], dtick=0.2)
    figure.update_yaxes(
        title="share that is right", range=[0, 1.1], tickvals=[0, 0.2, 0.4, 0.6, 0.8, 1]
    )
    figure.update_layout(showlegend=False)
    return _finished(figure, shades, 400)


def clip_map(
    places: np.ndarray,
    clips: Sequence[str],
    told: Sequence[str],
    right: np.ndarray,
    shares: np.ndarray | None,
    shades: Mapping[str, str],
) -> go.Figure:
    """(n, 2) places -> a point for each clip, coloured by motion's share or by who is right."""
    figure = go.Figure()
    for verdict, symbol in ((True, "circle"), (False, "x")):
        at = np.flatnonzero(right == verdict).tolist()
        if shares is None:
            marker: dict[str, Any] = {"color": shades["fused" if verdict else "ink"]}
        else:
            marker = {
                "color": shares[at],
                "cmin": 0,
                "cmax": 1,
                "colorscale": [
                    [0, shades["appearance"]],
                    [0.5, shades["middle"]],
                    [1, shades["motion"]],
                ],
                "showscale": verdict,
                "colorbar": {"thickness": 10, "title": "motion", "tickformat": ".0%"},
            }
        figure.add_scatter(
            x=places[at, 0],
            y=places[at, 1],
            mode="markers",
            name="fused right" if verdict else "fused wrong",
            marker={"size": 10, "symbol": symbol, **marker},
            customdata=[clips[row] for row in at],
            text=[told[row] for row in at],
            hovertemplate="%{text}<extra></extra>",
            **_STEADY,
        )
    bare = {"showticklabels": False, "showgrid": False, "zeroline": False}
    figure.update_xaxes(**bare)
    figure.update_yaxes(**bare, scaleanchor="x")
    return _finished(figure, shades, 560, {"t": 40}).update_layout(dragmode="lasso")


def _finished(
    figure: go.Figure, shades: Mapping[str, str], height: int, margin: Mapping[str, int] = _NONE
) -> go.Figure:
    """What all have in common: words in the page's ink, and a click that picks a mark."""
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
