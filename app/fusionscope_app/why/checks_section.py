"""Checks of a map: deletion curves, randomised weights, other methods, the actor's mask."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fusionscope.base.numbers import signed
from fusionscope.base.records import InputError, Progress
from fusionscope.base.streams import COLOURS
from fusionscope.explain.attribution.methods import ATTRIBUTION_METHODS
from fusionscope.explain.attribution.records import rank_correlation
from fusionscope.explain.checks import weight_randomisation
from fusionscope_app.markup import summary
from fusionscope_app.state.opened import Opened
from fusionscope_app.why import map_html, plots, results
from fusionscope_app.why.results import Asked
from fusionscope_app.widgets import plot_colours
from fusionscope_app.widgets import progress as widgets_progress
from fusionscope_app.widgets.error_messages import plain


def actor_section(opened: Opened, asked: Asked) -> None:
    """Show how much of the map lies on the actor, if the actor's mask is known."""
    try:
        found = results.on_actor_of(opened, asked)
    except InputError as problem:
        st.caption(plain(f"{problem}."))
        return
    if not found:
        return
    st.header("On the actor")
    st.html(map_html.actor_html(found))
    who = "the striped ball" if opened.known.world == "toybox" else "the actor"
    st.caption(
        f"On the actor: share of the positive attribution on {who}. Actor's area: share of the "
        "picture; for motion, over all frames of the stack. Maximum: chunks whose highest cell is "
        f"on {who} or within 15 of 224 pixels of it (the pointing game). By chance: the same for "
        "a random cell. A network may use the surroundings, so a low share is not an error of the "
        "map."
    )


def checks_section(opened: Opened, asked: Asked) -> None:
    """Show deletion curves and the check with randomised weights; if slow, offer a button."""
    if not results.were_checked(opened, asked):

        def work(progress: Progress) -> None:
            results.curves_of(opened, asked, progress)
            results.sanity_of(opened, asked, progress)

        seconds = results.cost_of_checks(opened, asked)
        if seconds <= results.QUICK:
            with st.spinner("Checking the map …"):
                work(lambda stage, done: None)  # noqa: ARG005
        elif not widgets_progress.started(
            "why_checks", "Run both checks of this map", seconds, work
        ):
            return
    found = sanity_lines(opened, asked)
    shades = plot_colours.shades()
    by_stream = results.curves_of(opened, asked)
    for column, (stream, one) in zip(st.columns(2, gap="large"), by_stream.items(), strict=False):
        colour = COLOURS[stream]
        with column:
            st.markdown(f"**{'Both streams' if stream == 'fused' else colour.capitalize()}**")
            st.plotly_chart(
                plots.masking_curves(one, shades[colour], shades),
                key=f"why_curves_{stream}",
                config={"displayModeBar": False},
                alt=f"Score as {colour} cells are deleted, and as they are inserted",
            )
            st.caption(
                f"Deletion score {signed(one.deletion_area, 2)} (lower is better); insertion score "
                f"{signed(one.insertion_area, 2)} (higher is better). Each is the mean of its "
                "curve."
            )
    st.html(summary.aside_html(found))


def sanity_lines(opened: Opened, asked: Asked) -> str:
    """The result of the check with randomised weights, by depth."""
    found = results.sanity_of(opened, asked)
    steps = ""
    if len(found.depths) > 1:
        rows = (
            f"{COLOURS[stream]} " + ", ".join(_correlation(value) for value in row)
            for stream, row in found.alike.items()
        )
        steps = f" By what is randomised ({'; '.join(found.depths)}): {'; '.join(rows)}."
    return weight_randomisation.words(found) + steps


def agreement_section(opened: Opened, asked: Asked) -> None:
    """Show rank correlations between the maps of all methods run for this score."""
    found = results.others(opened, asked)
    streams = [
        stream for stream in COLOURS if sum(stream in one.maps for one in found.values()) > 1
    ]
    for column, stream in zip(st.columns(2, gap="large"), streams, strict=False):
        maps = {name: one.maps[stream] for name, one in found.items() if stream in one.maps}
        table = np.array([[rank_correlation(a, b) for b in maps.values()] for a in maps.values()])
        with column:
            st.markdown(f"**Maps of {COLOURS[stream]}**")
            st.plotly_chart(
                plots.agreement_map(
                    table,
                    [ATTRIBUTION_METHODS[name].title for name in maps],
                    plot_colours.shades(),
                ),
                key=f"why_agreement_{stream}",
                config={"displayModeBar": False},
                alt=f"Rank correlation of the methods' maps of {COLOURS[stream]}",
            )
    missing = [ATTRIBUTION_METHODS[name].title for name in ATTRIBUTION_METHODS if name not in found]
    st.caption(
        "Spearman's rank correlation over all cells and chunks, for the methods run for this "
        "score."
        + (f" Not run yet: {', '.join(missing)}." if missing else "")
        + " Methods may differ because they measure different things. A map that several methods "
        "agree on is more reliable."
    )


def _correlation(value: float) -> str:
    return "none (constant map)" if value != value else signed(value, 2)
