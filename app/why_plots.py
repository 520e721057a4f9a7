"""Why plots: curves, agreement, and the ledger as Plotly figures, pure functions of numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from app.figures import places_of, signed
from core.explain.chunkledger import ChunkLedger
from core.explain.ledger import TERMS
from core.explain.masking import Curves

_MARGIN = {"l": 0, "r": 0, "t": 30, "b": 0}
_BELOW = {"orientation": "h", "y": 1.18, "x": 0}


def masking_curves(found: Curves, shade: str, shades: Mapping[str, str]) -> go.Figure:
    """The score against the share of cells taken out, and put in, the highest first."""
    figure = go.Figure()
    lines = (("taken out", found.deletion, "solid"), ("put in", found.insertion, "dot"))
    for name, scores, dash in lines:
        figure.add_scatter(
            x=found.shares,
            y=scores,
            name=name,
            mode="lines+markers",
            line={"color": shade, "dash": dash},
            hovertemplate="%{x:.0%} " + name + ": score %{y:.2f}<extra></extra>",
        )
    figure.add_hline(0, line_width=1, line_color=shades["middle"])
    figure.update_xaxes(title="share of the cells, the highest first", tickformat=".0%")
    figure.update_yaxes(title="score", zeroline=False)
    figure.update_layout(height=260, margin=_MARGIN, legend=_BELOW)
    return figure


def agreement_map(table: np.ndarray, titles: Sequence[str], shades: Mapping[str, str]) -> go.Figure:
    """(n, n) rank correlations of the maps of one stream."""
    shown = [[("" if v != v else f"{v:+.2f}") for v in row] for row in table]
    figure = go.Figure(
        go.Heatmap(
            z=table,
            x=list(titles),
            y=list(titles),
            text=shown,
            texttemplate="%{text}",
            zmin=-1,
            zmax=1,
            colorscale=[
                [0, shades["speaks against"]],
                [0.5, shades["ground"]],
                [1, shades["speaks for"]],
            ],
            hovertemplate="%{y} and %{x}: %{z:.2f}<extra></extra>",
            showscale=False,
        )
    )
    figure.update_xaxes(tickangle=-30, showgrid=False)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_layout(height=80 + 44 * len(titles), margin=_MARGIN)
    return figure


def waterfall(terms: np.ndarray, shades: Mapping[str, str]) -> go.Figure:
    """(4,) baseline, appearance, motion, synergy -> steps that lead to the score."""
    colours = (shades["middle"], shades["appearance"], shades["motion"], shades["fused"])
    ends = np.cumsum(terms)
    starts = ends - terms
    figure = go.Figure()
    names = (*TERMS, "score")
    places = places_of(*terms, float(ends[-1]))
    for k, name in enumerate(names):
        value = float(ends[-1] if name == "score" else terms[k])
        figure.add_bar(
            x=[name],
            y=[value],
            base=[0.0 if name == "score" else float(starts[k])],
            marker_color=shades["ink"] if name == "score" else colours[k],
            text=[signed(value, places)],
            textposition="outside",
            cliponaxis=False,
            hovertemplate=f"{name}: {signed(value, places + 1)}<extra></extra>",
        )
    for k in range(4):
        y = float(ends[k])
        figure.add_shape(
            type="line", x0=k, x1=k + 1, y0=y, y1=y, line={"width": 1, "color": shades["middle"]}
        )
    figure.add_hline(0, line_width=1, line_color=shades["ink"])
    low, high = min(0.0, *starts, *ends), max(0.0, *starts, *ends)
    room = 0.12 * max(high - low, 1e-6)
    figure.update_yaxes(title="score", range=[low - room, high + room], zeroline=False)
    figure.update_layout(height=300, margin=_MARGIN, showlegend=False, bargap=0.35)
    return figure


def chunk_track(found: ChunkLedger, frames: Sequence[int], shades: Mapping[str, str]) -> go.Figure:
    """(T, 4) terms of each chunk as bars side by side, at the chunk's place in the clip."""
    colours = (shades["middle"], shades["appearance"], shades["motion"], shades["fused"])
    names = [f"chunk {t}<br>frame {frame + 1}" for t, frame in enumerate(frames, start=1)]
    figure = go.Figure()
    for k, (name, colour) in enumerate(zip(TERMS, colours, strict=True)):
        if name == "baseline" and found.way != "averaged":
            continue
        figure.add_bar(
            x=names,
            y=found.by_chunk[:, k],
            name=name,
            marker_color=colour,
            hovertemplate="%{x}: " + name + " %{y:+.2f}<extra></extra>",
        )
    figure.add_hline(0, line_width=1, line_color=shades["ink"])
    figure.update_yaxes(title="of the score", zeroline=False)
    figure.update_layout(height=300, margin=_MARGIN, barmode="group", bargap=0.3, legend=_BELOW)
    return figure
