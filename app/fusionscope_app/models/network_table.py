"""Network table: one row for each network; the chosen one is in the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from fusionscope.nets.store.catalogue import CatalogueEntry
from fusionscope_app.glossary.terms import explained
from fusionscope_app.models import cards_html
from fusionscope_app.state import address


def chosen_network(usable: Mapping[str, CatalogueEntry]) -> CatalogueEntry:
    """Show the table; return the network of the chosen row, at first that of the other pages."""
    names = [*usable]
    shown = address.option("models_shown", names, address.option("model", names, names[0]))
    key = _key(names.index(shown))
    st.dataframe(
        [cards_html.overview(one) for one in usable.values()],
        column_config=explained(
            {
                "network": st.column_config.TextColumn(width=210),
                "accuracy": st.column_config.NumberColumn(format="%.1f %%", width=90),
                "ceiling": st.column_config.NumberColumn(format="%.1f %%", width=75),
                "fusion": None,
                "fused after": st.column_config.TextColumn(width=85),
                "pooling": st.column_config.TextColumn(width=65),
            }
        ),
        placeholder="",
        hide_index=True,
        height="content",
        on_select=lambda: _open(key, names),
        selection_mode="single-row-required",
        selection_default={"selection": {"rows": [names.index(shown)]}},
        key=key,
        alt="Networks: accuracy, ceiling, fusion and pooling",
    )
    return usable[shown]


def _key(row: int) -> str:
    """The key of the table; another one if its selection is not the row of the address.

    A selection can only be set where a table begins.
    """
    drawn = st.session_state.setdefault("models_drawn", 0)
    selected = _selected(f"models_table_{drawn}")
    if selected is not None and selected != row:
        st.session_state["models_drawn"] = drawn = drawn + 1
    return f"models_table_{drawn}"


def _selected(key: str) -> int | None:
    rows = st.session_state[key].selection.rows if key in st.session_state else []
    return rows[0] if rows else None


def _open(key: str, names: Sequence[str]) -> None:
    row = _selected(key)
    if row is not None and row < len(names):
        address.put(models_shown=names[row])
