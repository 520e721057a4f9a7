"""Ledger section: what either stream and their meeting add to a score, and when in the clip."""

from __future__ import annotations

import streamlit as st

from app import controls, figures, why_plots, whys
from core.explain.chunkledger import ChunkLedger, clip_terms
from core.explain.ledger import TERMS
from core.explain.shapley import stream_shapley
from core.explain.target import Target
from core.pipeline import Analysis
from core.records import InputError, Progress

_WAYS = {
    "averaged": (
        "This network averages its scores over the chunks, so each chunk has a ledger of its own; "
        "divided by their number they add up, term by term, to the clip's."
    ),
    "shared": (
        "This network pools features over the chunks before it scores, so no chunk has a score of "
        "its own. Each term is shared out among the chunks by their Shapley values: what a chunk "
        "adds to that term, averaged over all orders in which the chunks may come in. The shares "
        "add up to the clip's term; the baseline is no chunk's."
    ),
}


def ledger_section(analysis: Analysis, target: Target) -> None:
    """A waterfall of the clip's terms, and a track of the chunks'."""
    shades = controls.shades()
    left, right = st.columns([1, 1.6], gap="large")
    with left:
        st.markdown(f"**The clip: {target}, {target.head}**")
        terms = clip_terms(analysis.passes, target)
        st.plotly_chart(
            why_plots.waterfall(terms, shades),
            key="why_waterfall",
            config={"displayModeBar": False},
            alt="; ".join(f"{name} {value:+.2f}" for name, value in zip(TERMS, terms, strict=True)),
        )
        streams = stream_shapley(analysis.passes, target)
        appearance, motion = (
            figures.signed(value, figures.places_of(*terms, float(terms.sum())))
            for value in (streams.appearance, streams.motion)
        )
        st.caption(
            "Each stream with half of what only both together add, its Shapley value: appearance "
            f"{appearance}, motion {motion}."
        )
    with right:
        st.markdown("**Along time**")
        found = _by_chunk(analysis, target)
        if found is not None:
            st.plotly_chart(
                why_plots.chunk_track(found, analysis.trace.snippets.frames.tolist(), shades),
                key="why_track",
                config={"displayModeBar": False},
                alt="Appearance, motion and synergy of each chunk",
            )
            st.caption(_WAYS[found.way])


def _by_chunk(analysis: Analysis, target: Target) -> ChunkLedger | None:
    """The chunks' terms, made at once where that is quick, else when it is started."""
    try:
        seconds = whys.chunk_ledger_seconds(analysis, target)
    except InputError as problem:
        st.info(f"{problem}.")
        return None

    def work(progress: Progress) -> None:
        whys.chunk_ledger_of(analysis, target, progress)

    if seconds > whys.QUICK and not controls.started(
        "why_chunks", "To share the ledger out among the chunks", seconds, work
    ):
        return None
    with st.spinner("Asking chunk by chunk …"):
        return whys.chunk_ledger_of(analysis, target)
