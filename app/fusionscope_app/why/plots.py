"""Plotly figures of the Why page: deletion curves, agreement of methods, ledgers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from fusionscope.base.numbers import adding_up, places_of, signed
from fusionscope.explain.checks.deletion_curves import DeletionCurves
from fusionscope.explain.ledger.by_chunk import ChunkLedger
from fusionscope.explain.ledger.ledger import TERMS
from fusionscope_app.markup.summary import term_title
from fusionscope_app.theme.sign import sign_scale

_MARGIN = {"l": 0, "r": 0, "t": 30, "b": 0}
_BELOW = {"orientation": "h", "y": 1.18, "x": 0}


def masking_curves(found: DeletionCurves, shade: str, shades: Mapping[str, str]) -> go.Figure:
    """The score against the share of cells deleted, and inserted, highest first."""
    figure = go.Figure()
    lines = (("deletion", found.deletion, "solid"), ("insertion", found.insertion, "dot"))
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
    figure.update_xaxes(title="share of cells, highest first", tickformat=".0%")
    figure.update_yaxes(title="score", zeroline=False)
    figure.update_layout(height=260, margin=_MARGIN, legend=_BELOW)
    return figure


def agreement_map(table: np.ndarray, titles: Sequence[str], shades: Mapping[str, str]) -> go.Figure:
    """(n, n) rank correlations between the maps of one stream."""
    shown = [[("" if v != v else signed(v, 2)) for v in row] for row in table]
    figure = go.Figure(
        go.Heatmap(
            z=table,
            x=list(titles),
            y=list(titles),
            text=shown,
            texttemplate="%{text}",
            zmin=-1,
            zmax=1,
            colorscale=sign_scale(shades),
            hovertemplate="%{y} and %{x}: %{z:.2f}<extra></extra>",
            showscale=False,
        )
    )
    figure.update_xaxes(tickangle=-30, showgrid=False)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_layout(height=80 + 44 * len(titles), margin=_MARGIN)
    return figure


def waterfall(terms: np.ndarray, shades: Mapping[str, str]) -> go.Figure:
    """(4,) baseline, appearance, motion, synergy -> a waterfall that ends at the score."""
    colours = (shades["middle"], shades["appearance"], shades["motion"], shades["fused"])
    places = places_of(*terms, float(terms.sum()))
    labelled = adding_up(terms.tolist(), places)
    labelled.append(sum(labelled))
    ends = np.cumsum(terms)
    starts = ends - terms
    figure = go.Figure()
    names = (*map(term_title, TERMS), "score")
    for k, name in enumerate(names):
        value = float(ends[-1] if name == "score" else terms[k])
        figure.add_bar(
            x=[name],
            y=[value],
            base=[0.0 if name == "score" else float(starts[k])],
            marker_color=shades["ink"] if name == "score" else colours[k],
            text=[signed(labelled[k], places)],
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
    """(T, 4) terms of each chunk as grouped bars, in the order of the clip."""
    colours = (shades["middle"], shades["appearance"], shades["motion"], shades["fused"])
    names = [f"chunk {t}<br>frame {frame + 1}" for t, frame in enumerate(frames, start=1)]
    figure = go.Figure()
    for k, (name, colour) in enumerate(zip(TERMS, colours, strict=True)):
        if name == "baseline" and found.way != "averaged":
            continue
        figure.add_bar(
            x=names,
            y=found.by_chunk[:, k],
            name=term_title(name),
            marker_color=colour,
            text=[signed(value, 2) for value in found.by_chunk[:, k]],
            textposition="none",
            hovertemplate="%{x}: " + term_title(name) + " %{text}<extra></extra>",
        )
    figure.add_hline(0, line_width=1, line_color=shades["ink"])
    figure.update_yaxes(title="contribution to the score", zeroline=False)
    figure.update_layout(height=300, margin=_MARGIN, barmode="group", bargap=0.3, legend=_BELOW)
    return figure
