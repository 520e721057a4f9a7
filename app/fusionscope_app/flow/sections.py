"""Errors of each flow method, and the prediction of the network with each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from fusionscope.card import Card
from fusionscope.explain.ledger.by_flow_method import Answer, answers, in_words, verdict
from fusionscope.explain.ledger.flow_quality import quality
from fusionscope.video.flow.methods import FLOW_METHODS, missing_reason
from fusionscope.video.flow.score import FlowTruth
from fusionscope_app.flow import results, tables_html
from fusionscope_app.markup import summary
from fusionscope_app.state.opened import Opened

_KNOWN = (
    ". The true flow has a warp error too, because balls cover and uncover parts of the "
    "background. Frame pairs across a scene change are excluded"
)


def verdict_of(opened: Opened, found: Mapping[str, np.ndarray]) -> tuple[str, list[Answer]]:
    """Whether the prediction depends on the method, in a sentence; the prediction with each."""
    card, passes = opened.card, opened.passes
    if not passes.taught:
        return "Untrained classifier: there is no prediction to compare.", []
    runs = {card.flow: passes}
    runs |= {method: results.passes_of(opened, method, flow) for method, flow in found.items()}
    rows = answers(runs, card.flow)
    return verdict(card, rows), [] if card.streams == ("spatial",) else rows


def answers_section(card: Card, rows: Sequence[Answer]) -> None:
    """Show the prediction with the flow of each method."""
    if rows:
        st.html(tables_html.answers_html(rows, card.flow))
        st.caption(
            f"This network was trained with the flow of {in_words(card.flow)}. Another method may "
            "change its prediction even if its flow is more accurate."
        )


def scores_section(
    opened: Opened, found: Mapping[str, np.ndarray], truth: FlowTruth | None
) -> None:
    """Show time and errors of each method."""
    scores = {m: results.score_of(opened, m, one, truth) for m, one in found.items()}
    true, still = scores.pop(results.TRUE, None), results.baseline_of(opened, truth)
    paces = {method: results.pace_of(opened, method) for method in ("dis", *scores)}
    st.html(tables_html.scores_html(scores, paces, still, true))
    said = quality(scores, still)
    if said:
        st.html(summary.aside_html(said[0].upper() + said[1:]))
    kept = min(one.compared for one in [*scores.values(), still])
    st.caption(
        "Time: one flow field on one core, measured on this clip. Warp error: mean difference "
        "between a frame and the next one, warped back along the flow. Pixels whose flow leaves "
        f"the picture are excluded (at least {100 * kept:.1f} % remain). End-point error: distance "
        f"between the computed and the true vector"
        f"{_KNOWN if truth else ' (known for Toybox clips only)'}."
    )
    for missing in filter(None, map(missing_reason, FLOW_METHODS)):
        st.caption(f"{missing}.")
