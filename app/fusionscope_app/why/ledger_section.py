"""Ledger of a score: the terms of both streams and their interaction, for the clip and by chunk."""

from __future__ import annotations

import streamlit as st

from fusionscope.base.numbers import signed
from fusionscope.base.records import InputError, Progress
from fusionscope.explain.ledger.by_chunk import ChunkLedger, clip_terms
from fusionscope.explain.ledger.ledger import TERMS
from fusionscope.explain.ledger.stream_accounts import accounts
from fusionscope.explain.target import Target
from fusionscope_app.state.opened import Opened
from fusionscope_app.why import map_html, plots, results
from fusionscope_app.widgets import plot_colours
from fusionscope_app.widgets import progress as widgets_progress
from fusionscope_app.widgets.error_messages import plain

_WAYS = {
    "averaged": (
        "This network averages its scores over the chunks, so each chunk has its own ledger. The "
        "mean of these ledgers is the ledger of the clip."
    ),
    "shared": (
        "This network pools features over the chunks before scoring, so a chunk has no score of "
        "its own. Each term is divided among the chunks by Shapley values. The value of a chunk is "
        "what it adds to the term, averaged over all orders of adding the chunks. All values add "
        "up to the term of the clip. The baseline belongs to no chunk."
    ),
}


def ledger_section(opened: Opened, target: Target) -> None:
    """Show a waterfall of the clip's terms, and the terms of each chunk over time."""
    shades = plot_colours.shades()
    left, right = st.columns([1, 1.6], gap="large")
    with left:
        st.markdown(f"**Whole clip: {plain(f'{target} ({target.head})')}**")
        terms = clip_terms(opened.passes, target)
        st.plotly_chart(
            plots.waterfall(terms, shades),
            key="why_waterfall",
            config={"displayModeBar": False},
            alt="; ".join(
                f"{name} {signed(value, 2)}" for name, value in zip(TERMS, terms, strict=True)
            ),
        )
    with right:
        st.markdown("**Each chunk over time**")
        found = _by_chunk(opened, target)
        if found is not None:
            st.plotly_chart(
                plots.chunk_track(found, opened.trace.snippets.frames.tolist(), shades),
                key="why_track",
                config={"displayModeBar": False},
                alt="Appearance, motion and interaction of each chunk",
            )
            st.caption(_WAYS[found.way])
    if len(opened.passes.streams) == 2:
        found = accounts(terms.tolist(), results.gradient_sums_of(opened, target))
        st.html(map_html.accounts_html(found, str(target)))
        st.caption(
            "Four ways to divide the same score between the streams. They differ in what they do "
            "with the interaction, which belongs to neither stream alone."
            + ("" if len(found) == 4 else " Integrated gradients were not run for this score.")
        )


def _by_chunk(opened: Opened, target: Target) -> ChunkLedger | None:
    """Return the terms of each chunk: at once if that is quick, else after a click on Start."""
    try:
        seconds = results.chunk_ledger_seconds(opened, target)
    except InputError as problem:
        st.info(plain(f"{problem}."))
        return None

    def work(progress: Progress) -> None:
        results.chunk_ledger_of(opened, target, progress)

    if seconds > results.QUICK and not widgets_progress.started(
        "why_chunks", "Compute the contribution of each chunk", seconds, work
    ):
        return None
    with st.spinner("Computing the contribution of each chunk …"):
        return results.chunk_ledger_of(opened, target)
