"""Predictions, sentences and ledgers before and after the edits."""

from __future__ import annotations

import streamlit as st

from fusionscope.analysis.analysis import Analysis
from fusionscope.explain.ledger.before_after import shifts_of
from fusionscope.explain.ledger.sentence import sentence
from fusionscope_app.markup import ledger_tables, summary
from fusionscope_app.state.opened import Opened
from fusionscope_app.widgets import asked_class


def change_section(before: Opened, after: Analysis, truth: str) -> list[str]:
    """Show both runs and their ledgers in three columns; return the HTML."""
    card, said = before.card, []
    *sides, scores = st.columns(3, gap="large")
    for side, name, run, expected in zip(
        sides,
        ("Before", "After"),
        (before.analysis, after),
        (before.known.label, truth),
        strict=True,
    ):
        said.append(
            ledger_tables.named_html(name, "")
            + summary.predictions_html(run.trace, expected=expected)
            + summary.aside_html(sentence(run.passes))
        )
        side.html(said[-1])
    if not (before.passes.taught and after.passes.taught):
        return said
    classes = (before.passes.said, after.passes.said, truth, asked_class.asked_class(card))
    for label in dict.fromkeys(filter(None, classes)):
        if label in card.labels:
            shifts = shifts_of(before.passes, after.passes, label)
            said.append(ledger_tables.shifts_html(label, shifts))
            scores.html(said[-1])
    return said
