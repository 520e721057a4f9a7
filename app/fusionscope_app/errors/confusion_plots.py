"""Confusion plots: numbers of clips by truth and prediction, as Plotly figures.

The cells of a Plotly heat map cannot be selected, so invisible squares cover those with clips.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from fusionscope.base.numbers import MINUS, class_name
from fusionscope_app.errors.plots import ROW, finished, literal
from fusionscope_app.theme.sign import sign_scale


def confusion_map(
    table: np.ndarray, names: Sequence[str], shades: Mapping[str, str], signed: bool = False
) -> go.Figure:
    """(K, K) clips, or a difference of two such tables -> truth against prediction."""
    rows, columns = np.nonzero(table)
    shown = [[str(n) if n else "" for n in row] for row in table] if len(names) <= 30 else None
    if signed:
        limit = max(1, int(np.abs(table).max(initial=0)))
        scale = sign_scale(shades)
        shown = [[_signed(n) if n else "" for n in row] for row in table] if shown else None
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
    names = [literal(class_name(name)) for name in names]
    hover = [
        f"{names[row]} predicted as {names[column]}"
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
    ]
    figure.add_scatter(
        x=columns.tolist(),
        y=rows.tolist(),
        mode="markers",
        marker={"symbol": "square", "size": ROW, "color": shades["ink"], "opacity": 0},
        selected={"marker": {"opacity": 0.18}},
        unselected={"marker": {"opacity": 0}},
        customdata=np.column_stack((rows, columns)).tolist(),
        text=[
            f"{words}: {_signed(n)}" if signed else f"{words}: {n}"
            for words, n in zip(hover, table[rows, columns], strict=True)
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
    figure.update_xaxes(**ticks, tickangle=-90, title="prediction")
    figure.update_yaxes(**ticks, title="truth")
    figure.update_yaxes(range=[len(names) - 0.5, -0.5])
    return finished(figure, shades, max(300, ROW * len(names) + 130), {"t": 4})


def _signed(count: int) -> str:
    return f"{count:+d}".replace("-", MINUS)
