"""Chart: a figure of page Errors in which a selected mark sets the filters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from plotly.graph_objects import Figure

from fusionscope_app.errors.filters import chart_key, on_mark


def show_chart(
    where: Any, name: str, figure: Figure, put_point: Callable[[dict[str, Any]], None], alt: str
) -> None:
    """Show a figure in which a selected mark sets the filters."""
    key = chart_key(name)
    where.plotly_chart(
        figure,
        key=key,
        on_select=on_mark(key, put_point),
        selection_mode="points",
        config={"displayModeBar": False},
        alt=alt,
    )
