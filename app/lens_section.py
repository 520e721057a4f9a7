"""Lens section: the picked fused number taken apart, and other operators in its place."""

from __future__ import annotations

import streamlit as st

from app import address, fusions, lens_figures, picking
from app.player import Click
from core.explain.lens import Lens
from core.explain.measures import probabilities, top
from core.explain.units import SWAPS
from core.pipeline import Analysis
from core.records import InputError


def lens_section(analysis: Analysis, pick: picking.Pick) -> None:
    """The unit's choice, the number as a sum, and a switch to operators without weights."""
    picking.unit_choice(analysis, pick)
    lens = _shown(analysis, pick)
    others = [name for name in SWAPS if name != analysis.trace.card.fusion]
    swap = st.segmented_control(
        "Put another operator in its place",
        others,
        format_func=lambda name: f"{SWAPS[name].lower()}, not retrained",
        wrap=True,
        key="fusion_swap",
        bind="query-params",
    )
    if swap:
        st.html(lens_figures.swapped_html(lens, swap, _outcome(analysis, pick.place, swap)))


def cell_lens(analysis: Analysis, click: Click) -> None:
    """The lens at a clicked cell, on the unit that speaks most there, and a way to page Fusion."""
    places = fusions.places_of(analysis)
    if not places or not picking.keeps_cells(analysis):
        return
    place = picking.place_of(analysis, places)
    cell = picking.cell_under(click, analysis, place)
    if cell is None:
        return
    chunk, row, column = cell
    unit = int(fusions.evidence_of(analysis, place)[chunk, :, row, column].argmax())
    _shown(analysis, picking.Pick(place, unit, cell))
    if st.button("Open this cell on page Fusion", key="explore_open_lens"):
        address.put(place=place, unit=unit, cell=cell, stage=None)
        st.switch_page("views/fusion.py")


def pairs_section(analysis: Analysis, place: str) -> None:
    """What stands in a lens' place where an operator keeps no cells: pairs of channels."""
    st.write(
        "Bilinear fusion multiplies every channel of appearance with every channel of motion and "
        "sums over the cells: *which* features were seen together is kept, *where* is not. "
        f"These pairs speak most for “{analysis.passes.said}”."
    )
    chunk = st.slider("Chunk", 1, analysis.trace.card.chunks, key="fusion_pairs_chunk") - 1
    st.dataframe(
        [
            {
                "appearance channel": pair.appearance,
                "motion channel": pair.motion,
                "sum over cells": pair.total,
                "as it goes on": pair.value,
                "speaks for the class": pair.evidence,
            }
            for pair in fusions.pairs_of(analysis, place, chunk)
        ],
        hide_index=True,
        width="stretch",
        column_config={
            name: st.column_config.NumberColumn(format="%.3f")
            for name in ("sum over cells", "as it goes on", "speaks for the class")
        },
    )


def _shown(analysis: Analysis, pick: picking.Pick) -> Lens:
    """Write a fused number out."""
    lens = fusions.lens_of(analysis, pick.place, pick.unit, pick.cell)
    st.html(lens_figures.lens_html(lens, fusions.goes_on(analysis, lens)))
    return lens


def _outcome(analysis: Analysis, place: str, name: str) -> str:
    """What the layers behind make of another operator, or why they cannot take it."""
    try:
        logits = fusions.swapped_of(analysis, place, name)[analysis.passes.deciding]
    except InputError as problem:
        return f"{str(problem)[0].upper()}{str(problem)[1:]}."
    if not analysis.passes.taught:
        return "The layers behind were taught no classes, with either."
    labels = analysis.trace.card.labels
    (said, sure), *_ = top(logits, labels)
    p = probabilities(logits)[labels.index(analysis.passes.said)]
    same = "still says" if said == analysis.passes.said else "says"
    return (
        f"The layers behind were not trained for it. With it the network {same} {said} "
        f"({sure:.2f}); its own answer, {analysis.passes.said}, has {p:.2f}."
    )
