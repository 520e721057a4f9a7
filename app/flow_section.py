"""Flow section: how good each method's flow is, and what the network makes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from app import figures, flow_tables, flows
from core.card import Card
from core.explain.flowblame import Answer, answers, spoken, verdict
from core.explain.flowwords import quality
from core.pipeline import Analysis
from core.video.flow import METHODS, lacking
from core.video.flowscore import FlowTruth

_KNOWN = (
    ". Even the true flow leaves a warp error, as what a ball uncovers was not seen before. Pairs "
    "of frames in which a scene gives way to the next do not count"
)


def verdict_of(analysis: Analysis, found: Mapping[str, np.ndarray]) -> tuple[str, list[Answer]]:
    """Whether the answer changes with the method, in a sentence; what is said under each."""
    card, passes = analysis.trace.card, analysis.passes
    if not passes.taught:
        return "Taught no classes, this network says nothing of any flow.", []
    runs = {card.flow: passes}
    runs |= {method: flows.passes_of(analysis, method, flow) for method, flow in found.items()}
    rows = answers(runs, card.flow)
    return verdict(card, rows), rows if card.temporal else []


def answers_section(card: Card, rows: Sequence[Answer]) -> None:
    """The network's answer under each method."""
    if rows:
        st.html(flow_tables.answers_html(rows, card.flow))
        st.caption(
            f"It was trained with the flow of {spoken(card.flow)}: what another method does "
            "otherwise, it has not learned to read."
        )


def scores_section(
    analysis: Analysis, found: Mapping[str, np.ndarray], truth: FlowTruth | None
) -> None:
    """Time and errors of each method."""
    clip, flow = analysis.trace.clip, analysis.trace.flow
    scores = {m: flows.score_of(clip, m, one, truth) for m, one in found.items()}
    true, still = scores.pop(flows.TRUE, None), flows.baseline_of(clip, flow, truth)
    paces = {method: flows.pace_of(clip, method) for method in ("dis", *scores)}
    st.html(flow_tables.scores_html(scores, paces, still, true))
    said = quality(scores, still)
    if said:
        st.html(figures.aside_html(said[0].upper() + said[1:]))
    kept = min(one.compared for one in [*scores.values(), still])
    st.caption(
        "Time: one field on one core, as measured on this clip. Warp error: the next frame, "
        "fetched back along the flow, against this one, on the pixels that do not lead out of the "
        f"picture ({kept:.1%} or more). End-point error: from the flow's tip to the true one's"
        f"{_KNOWN if truth else '; its truth is known of Toybox clips only'}."
    )
    for missing in filter(None, map(lacking, METHODS)):
        st.caption(f"{missing}.")
