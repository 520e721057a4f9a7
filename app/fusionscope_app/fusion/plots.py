"""Plotly figures of page Fusion, as pure functions of numbers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from fusionscope.explain.fusion.channel_weights import Correspondence, motion_share
from fusionscope_app.theme.sign import sign_bar, sign_scale

_MARGIN = {"l": 0, "r": 0, "t": 30, "b": 0}


def shift_curves(table: np.ndarray, shades: Mapping[str, str]) -> go.Figure:
    """(h, w) P by shift -> curves of P against the shift to the right, and down."""
    h, w = table.shape
    figure = go.Figure()
    lines = (
        ("to the right", np.arange(w) - w // 2, table[h // 2], "solid"),
        ("down", np.arange(h) - h // 2, table[:, w // 2], "dot"),
    )
    for name, x, y, dash in lines:
        figure.add_scatter(
            x=x, y=y, name=name, mode="lines+markers", line={"color": shades["fused"], "dash": dash}
        )
    figure.add_vline(0, line_width=1, line_dash="dot", line_color=shades["ink"])
    figure.update_xaxes(title="motion shift (cells)", dtick=1, zeroline=False)
    figure.update_yaxes(title="P of the predicted class", range=[-0.03, 1.03], zeroline=False)
    figure.update_layout(height=300, margin=_MARGIN, legend={"orientation": "h", "y": 1.15})
    return figure


def shift_map(table: np.ndarray, shades: Mapping[str, str]) -> go.Figure:
    """(h, w) P by shift -> heat map; no shift is in the middle."""
    h, w = table.shape
    figure = go.Figure(
        go.Heatmap(
            z=table,
            x=np.arange(w) - w // 2,
            y=np.arange(h) - h // 2,
            zmin=0,
            zmax=1,
            colorscale=[[0, shades["ground"]], [1, shades["fused"]]],
            hovertemplate="%{x} right, %{y} down: P %{z:.2f}<extra></extra>",
            colorbar={"thickness": 10, "title": "P"},
        )
    )
    middle = {"x0": -0.5, "x1": 0.5, "y0": -0.5, "y1": 0.5}
    figure.add_shape(type="rect", **middle, line={"width": 2, "color": shades["ink"]})
    figure.update_xaxes(title="right", dtick=1, constrain="domain")
    figure.update_yaxes(title="down", dtick=1, autorange="reversed", scaleanchor="x")
    figure.update_layout(height=300, margin=_MARGIN)
    return figure


def accuracy_by_shift(
    shares: tuple[float, ...], ceiling: float, shades: Mapping[str, str]
) -> go.Figure:
    """Accuracy on test clips against the shift, with the ceiling without registration."""
    figure = go.Figure()
    figure.add_scatter(
        x=list(range(len(shares))),
        y=[100 * share for share in shares],
        mode="lines+markers",
        line={"color": shades["fused"]},
        hovertemplate="%{x} cells: %{y:.1f} %<extra></extra>",
    )
    figure.add_hline(
        100 * ceiling,
        line_width=1,
        line_dash="dash",
        line_color=shades["ink"],
        annotation_font_color=shades["ink"],
        annotation_text="ceiling without registration",
    )
    figure.update_xaxes(title="motion shift to the right (cells)", dtick=1)
    figure.update_yaxes(title="accuracy (%)", rangemode="tozero")
    figure.update_layout(height=300, margin=_MARGIN, showlegend=False)
    return figure


def correspondence_map(found: Correspondence, unit: int, shades: Mapping[str, str]) -> go.Figure:
    """Weight of each fused unit from each channel of either stream; marks the selected unit."""
    units, _, channels = found.weight.shape
    sizes = np.abs(found.weight[found.weight != 0])
    limit = float(np.quantile(sizes, 0.99)) if sizes.size else 1.0
    figure = go.Figure(
        go.Heatmap(
            z=found.weight.reshape(units, 2 * channels),
            zmin=-limit,
            zmax=limit,
            colorscale=sign_scale(shades),
            colorbar=sign_bar("weight", limit, beyond=bool((sizes > limit).any())),
            customdata=np.broadcast_to(
                np.array([f"{s} {c}" for s in ("appearance", "motion") for c in range(channels)]),
                (units, 2 * channels),
            ),
            hovertemplate="fused unit %{y} from %{customdata}: %{z:.3f}<extra></extra>",
        )
    )
    figure.add_vline(channels - 0.5, line_width=1, line_color=shades["ink"])
    row = {"x0": -0.5, "x1": 2 * channels - 0.5, "y0": unit - 0.5, "y1": unit + 0.5}
    figure.add_shape(type="rect", **row, line={"width": 1, "color": shades["ink"]})
    figure.update_xaxes(
        tickvals=[channels / 2, 1.5 * channels],
        ticktext=[f"{channels} channels of appearance", f"{channels} channels of motion"],
        showgrid=False,
    )
    figure.update_yaxes(title="fused unit", autorange="reversed", showgrid=False)
    figure.update_layout(height=460, margin=_MARGIN)
    return figure


def unit_shares(
    found: Correspondence, came: np.ndarray, unit: int, shades: Mapping[str, str]
) -> go.Figure:
    """Each fused unit: motion's share of its input on this clip, and the change of its filter."""
    share = motion_share(came)
    drift = found.drift if found.drift is not None else came.sum(axis=1)
    size = np.where(np.arange(len(share)) == unit, 14, 7)
    figure = go.Figure(
        go.Scatter(
            x=100 * share,
            y=drift,
            mode="markers",
            marker={
                "size": size,
                "color": share,
                "cmin": 0,
                "cmax": 1,
                "colorscale": [
                    [0, shades["appearance"]],
                    [0.5, shades["middle"]],
                    [1, shades["motion"]],
                ],
                "line": {"width": np.where(size > 7, 2, 0), "color": shades["ink"]},
            },
            customdata=np.arange(len(share)),
            hovertemplate="unit %{customdata}: motion %{x:.0f} %, %{y:.2f}<extra></extra>",
        )
    )
    words = (
        "change from initialisation (relative norm)"
        if found.drift is not None
        else "mean contribution"
    )
    figure.update_xaxes(title="share of motion in the contributions (%)", range=[-3, 103])
    figure.update_yaxes(title=words, rangemode="tozero")
    figure.update_layout(height=460, margin=_MARGIN)
    return figure
