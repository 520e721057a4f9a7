"""Why checks: what can be said for and against a map: curves, agreement, fresh weights, actor."""

from __future__ import annotations

import numpy as np
import streamlit as st

from app import controls, figures, sources, why_figures, why_plots, whys
from app.whys import Asked
from core.explain import sanity
from core.explain.attributions import rank_correlation
from core.explain.methods import METHODS
from core.pipeline import Analysis
from core.records import InputError, Progress
from core.streams import COLOURS


def actor_section(analysis: Analysis, asked: Asked, known: sources.Known) -> None:
    """How much of the map lies on who acts, where that is known."""
    try:
        found = whys.on_actor_of(analysis, asked, known)
    except InputError as problem:
        st.caption(f"{problem}.")
        return
    if not found:
        return
    st.subheader("On the actor")
    st.html(why_figures.actor_html(found))
    who = "the striped ball" if known.world == "toybox" else "the actor"
    st.caption(
        f"Share of what speaks for the class that lies on {who}, beside the area that {who} "
        "covers, for motion in any frame of the stack; in how many chunks that matter the highest "
        "cell is on it or within 15 of 224 pixels (the pointing game), and how often any cell "
        "would be. A network may well look at what is around the actor: a low share is not a "
        "fault of the map."
    )


def checks_section(analysis: Analysis, asked: Asked) -> None:
    """Curves and fresh weights, begun at once where that is quick."""
    if not whys.were_checked(analysis, asked):

        def work(progress: Progress) -> None:
            whys.curves_of(analysis, asked, progress)
            whys.sanity_of(analysis, asked, progress)

        seconds = whys.cost_of_checks(analysis, asked)
        if seconds <= whys.QUICK:
            with st.spinner("Checking the map …"):
                work(lambda stage, done: None)  # noqa: ARG005
        elif not controls.started("why_checks", "Both checks of this map", seconds, work):
            return
    found = sanity_lines(analysis, asked)
    shades = controls.shades()
    by_stream = whys.curves_of(analysis, asked)
    for column, (stream, one) in zip(st.columns(2, gap="large"), by_stream.items(), strict=False):
        colour = COLOURS[stream]
        with column:
            st.markdown(f"**Cells of {'both streams' if stream == 'fused' else colour}**")
            st.plotly_chart(
                why_plots.masking_curves(one, shades[colour], shades),
                key=f"why_curves_{stream}",
                config={"displayModeBar": False},
                alt=f"The score while cells of {colour} are taken out, and put in",
            )
            st.caption(
                f"Mean score while cells go: {one.deletion_area:.2f} (low is good); while they "
                f"come: {one.insertion_area:.2f} (high is good)."
            )
    st.html(figures.aside_html(found))


def sanity_lines(analysis: Analysis, asked: Asked) -> str:
    """What the check with fresh weights found, step by step."""
    found = whys.sanity_of(analysis, asked)
    steps = ""
    if len(found.depths) > 1:
        rows = (
            f"{COLOURS[stream]} " + ", ".join(_signed(value) for value in row)
            for stream, row in found.alike.items()
        )
        steps = f" Step by step ({'; '.join(found.depths)}): {'; '.join(rows)}."
    return sanity.words(found) + steps


def agreement_section(analysis: Analysis, asked: Asked) -> None:
    """Rank correlations between the methods that have been asked of this score."""
    found = whys.others(analysis, asked)
    streams = [
        stream for stream in COLOURS if sum(stream in one.maps for one in found.values()) > 1
    ]
    for column, stream in zip(st.columns(2, gap="large"), streams, strict=False):
        maps = {name: one.maps[stream] for name, one in found.items() if stream in one.maps}
        table = np.array([[rank_correlation(a, b) for b in maps.values()] for a in maps.values()])
        with column:
            st.markdown(f"**Maps of {COLOURS[stream]}**")
            st.plotly_chart(
                why_plots.agreement_map(
                    table, [METHODS[name].title for name in maps], controls.shades()
                ),
                key=f"why_agreement_{stream}",
                config={"displayModeBar": False},
                alt=f"Rank correlation of the methods' maps of {COLOURS[stream]}",
            )
    missing = [METHODS[name].title for name in METHODS if name not in found]
    st.caption(
        "Spearman's rank correlation over all places and chunks, of the methods that have been "
        "asked of this score."
        + (f" Not asked yet: {', '.join(missing)}." if missing else "")
        + " Methods that differ answer different questions; where they agree, the map is safer."
    )


def _signed(value: float) -> str:
    return "a flat map" if value != value else f"{value:+.2f}".replace("-", "\N{MINUS SIGN}")
