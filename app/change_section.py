"""Change section: before and after: what is said, why, and what moved in the ledger."""

from __future__ import annotations

import streamlit as st

from app import asking, contrasts, figures, sources
from core.explain.change import shifts_of
from core.explain.words import sentence
from core.pipeline import Analysis


def change_section(
    before: Analysis, after: Analysis, known: sources.Known, truth: str
) -> list[str]:
    """Three columns: either run's predictions and sentence, and both ledgers; their HTML."""
    card, said = before.trace.card, []
    *sides, scores = st.columns(3, gap="large")
    for side, name, run, expected in zip(
        sides, ("Before", "After"), (before, after), (known.label, truth), strict=True
    ):
        said.append(
            contrasts.named_html(name, "")
            + figures.predictions_html(run.trace, expected=expected)
            + figures.aside_html(sentence(run.passes))
        )
        side.html(said[-1])
    if not (before.passes.taught and after.passes.taught):
        return said
    classes = (before.passes.said, after.passes.said, truth, asking.asked_class(card))
    for label in dict.fromkeys(filter(None, classes)):
        if label in card.labels:
            shifts = shifts_of(before.passes, after.passes, label)
            said.append(contrasts.shifts_html(label, shifts))
            scores.html(said[-1])
    return said
