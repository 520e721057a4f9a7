"""The lens of page Fusion: the selected value as a sum, and other operators in its place."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from fusionscope.base.numbers import class_name, listed
from fusionscope.base.records import InputError
from fusionscope.explain.fusion.lens import Lens
from fusionscope.explain.fusion.unit_evidence import swaps
from fusionscope.explain.ledger.changed_fusion import swapped
from fusionscope_app.components.player import Click
from fusionscope_app.fusion import drawings, lens_html, results, selection
from fusionscope_app.glossary.terms import explained
from fusionscope_app.pages import page_file
from fusionscope_app.state import address
from fusionscope_app.state.opened import Opened
from fusionscope_app.widgets.error_messages import plain

_VIEWS = ("Picture", "Table")


def lens_section(opened: Opened, pick: selection.Pick) -> None:
    """The unit's widgets, the value drawn or as a table, and operators without weights instead."""
    selection.unit_choice(opened, pick)
    view = address.option("fusion_lens", _VIEWS, _VIEWS[0])
    bound = address.bound("fusion_lens", view, usual=_VIEWS[0])
    view = st.segmented_control("View of the sum", _VIEWS, required=True, **bound) or view
    drawn = view == _VIEWS[0]
    lens = _shown(opened, pick, tables=not drawn)
    if words := _no_relu(opened, lens):
        st.caption(plain(words))
    if drawn:
        drawings.draw_unit(opened, lens)
    titles = swaps()
    others = [name for name in titles if name != lens.operator]
    swap = st.segmented_control(
        "Replace the operator",
        others,
        format_func=lambda name: f"{titles[name].lower()}, not retrained",
        wrap=True,
        **address.bound("fusion_swap", _swap_named(others)),
    )
    if swap:
        lenses = results.swapped_lenses_of(opened, lens, swap)
        words = _outcome(opened, pick.place, swap)
        st.html(lens_html.swapped_html(lenses, titles[swap], words))
        if drawn:
            drawings.draw_swapped(opened, lens, swap)


def _no_relu(opened: Opened, lens: Lens) -> str:
    """Why activations of a stage that is named after a ReLU are negative; empty if none is."""
    towers = (opened.card.spatial, opened.card.temporal)
    found = {tower for tower, row in zip(towers, lens.activation, strict=True) if row.min() < 0}
    if not found or not lens.place.startswith("relu"):
        return ""
    names = listed(sorted(filter(None, found)))
    return f"{lens.place} of {names} ends without a ReLU, so activations can be negative."


def _swap_named(others: Sequence[str]) -> str | None:
    """The operator that the address names; older links name it by its title: sum, not retrained."""
    named = address.word("fusion_swap").partition(",")[0]
    return next((name for name in others if named in (name, swaps()[name].lower())), None)


def cell_lens(opened: Opened, click: Click) -> None:
    """The lens at a clicked cell, on its most influential unit, and a link to page Fusion."""
    places = results.places_of(opened)
    if not places or not selection.keeps_cells(opened):
        return
    place = selection.place_of(opened, places)
    cell = selection.cell_under(click, opened, place)
    if cell is None:
        return
    chunk, row, column = cell
    unit = int(results.evidence_of(opened, place)[chunk, :, row, column].argmax())
    _shown(opened, selection.Pick(place, unit, cell), brief=True)
    st.page_link(
        page_file("fusion"),
        label="Open this cell on page Fusion",
        query_params=address.written(place=place, unit=unit, cell=cell, stage=f"fused.{place}"),
    )


def pairs_section(opened: Opened, place: str) -> None:
    """Instead of the lens, for an operator that keeps no cells: its pairs of channels, if any."""
    operator = results.operator_of(opened, place)
    st.write(
        f"{operator.title} fusion {operator.words}. The output has no grid: it keeps *which* "
        "features occur together, not *where*."
    )
    shown = address.number("fusion_chunk") or 1
    bound = address.bound("fusion_chunk", min(max(shown, 1), opened.card.chunks), usual=1)
    chunk = st.slider("Chunk", 1, opened.card.chunks, **bound) - 1
    try:
        pairs = results.pairs_of(opened, place, chunk)
    except InputError as problem:
        st.info(plain(f"{problem}."))
        return
    drawings.draw_pairs(opened, place, pairs, chunk)
    st.caption(f"Most influential pairs for “{plain(class_name(opened.passes.said))}”")
    st.dataframe(
        [
            {
                "appearance channel": pair.appearance,
                "motion channel": pair.motion,
                "sum over cells": pair.total,
                "output": pair.value,
                "evidence for the class": pair.evidence,
            }
            for pair in pairs
        ],
        hide_index=True,
        width="stretch",
        column_config=explained(
            dict.fromkeys(("appearance channel", "motion channel"))
            | {
                name: st.column_config.NumberColumn(format="%.3f")
                for name in ("sum over cells", "output", "evidence for the class")
            }
        ),
    )


def _shown(opened: Opened, pick: selection.Pick, brief: bool = False, tables: bool = True) -> Lens:
    """Show a fused value as a sum."""
    lens = results.lens_of(opened, pick.place, pick.unit, pick.cell)
    st.html(lens_html.lens_html(lens, results.goes_on(opened, lens), brief, tables))
    return lens


def _outcome(opened: Opened, place: str, name: str) -> str:
    """The prediction with another operator, or the reason why there is none."""
    try:
        logits = results.swapped_of(opened, place, name)[opened.passes.deciding]
    except InputError as problem:
        return f"{str(problem)[0].upper()}{str(problem)[1:]}."
    if not opened.passes.taught:
        return "The classifier is untrained: there is no prediction with either operator."
    return swapped(opened.passes, logits)
