"""Shares: what each page offers in its Share menu: text and numbers, arrays, Python code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from fusionscope.analysis.analysis import Analysis
from fusionscope.analysis.arrays import Arrays, about_run, arrays_of_attribution, arrays_of_run
from fusionscope.analysis.reel import Reel
from fusionscope.explain.ledger.sentence import sentence
from fusionscope_app.export import python_code
from fusionscope_app.export.share_menu import Share
from fusionscope_app.markup import summary
from fusionscope_app.state.opened import Opened
from fusionscope_app.widgets import asked_class

if TYPE_CHECKING:  # the parts of one page are imported when that page needs them
    from fusionscope.explain.attribution.records import Attribution
    from fusionscope.explain.ledger.by_flow_method import Answer
    from fusionscope_app.fusion.selection import Pick
    from fusionscope_app.what_if.edits_in_address import Stack
    from fusionscope_app.why.results import Asked


def of_run(opened: Opened, page: str = "Explore") -> Share:
    """One run as shown on page Explore."""
    card = opened.card
    return Share(
        page,
        opened.known.id,
        (card,),
        opened.analysis.reel,
        _said_of(opened),
        [summary.provenance(opened.trace)],
        python_code.of_run(opened.known.id, card),
        lambda: arrays_of_run(opened.analysis),
        about_run(opened.analysis),
    )


def of_stage(opened: Opened, reel: Reel) -> Share:
    """Page Fusion with the map of a stage."""
    return replace(of_run(opened, "Fusion"), reel=reel)


def of_lens(opened: Opened, reel: Reel, pick: Pick) -> Share:
    """Page Fusion with the contributions to a fused unit."""
    from fusionscope_app.fusion import lens_html, results

    card = opened.card
    lens = results.lens_of(opened, pick.place, pick.unit, pick.cell)

    def arrays() -> Arrays:
        parts = {"weight": lens.weight, "activation": lens.activation, "terms": lens.terms}
        return arrays_of_run(opened.analysis) | {
            f"lens_{name}": part for name, part in parts.items()
        }

    return replace(
        of_run(opened, "Fusion"),
        reel=reel,
        said=[
            *_said_of(opened),
            lens_html.lens_html(lens, results.goes_on(opened, lens)),
        ],
        lines=python_code.of_lens(opened.known.id, card, pick.place, pick.unit, pick.cell),
        arrays=arrays,
    )


def of_attribution(opened: Opened, asked: Asked, found: Attribution) -> Share:
    """Page Why with the result of a method."""
    from fusionscope_app.why import map_html
    from fusionscope_app.why import results as why_results

    said = [
        summary.sentence_html(sentence(opened.passes)),
        map_html.summary_html(found),
        map_html.method_html(found, why_results.measured_words(opened, found)),
        *asked_class.ledgers_html(opened),
    ]
    notes = [summary.provenance(opened.trace)]
    if "temporal" in found.maps:
        notes.append(map_html.spans_words(opened.trace.snippets))
    return replace(
        of_run(opened, "Why"),
        reel=why_results.attribution_reel_of(opened, asked),
        said=said,
        notes=notes,
        lines=python_code.of_attribution(
            opened.known.id, opened.card, asked.method, asked.target, asked.stage
        ),
        arrays=lambda: arrays_of_run(opened.analysis) | arrays_of_attribution(found),
        about={**about_run(opened.analysis), "method": asked.method, "target": str(asked.target)},
        show=("frame", "flow", *found.maps),
    )


def of_edits(
    before: Opened,
    after: Analysis,
    stack: Stack,
    reel: Reel,
    said: Sequence[str],
    truth: str,
) -> Share:
    """Page What if: before and after."""
    card = before.card
    return Share(
        "What if",
        before.known.id,
        (card,),
        reel,
        said,
        [f"Before: {summary.provenance(before.trace)}", f"After: {stack.words}."],
        python_code.of_edits(before.known.id, card, stack, truth),
        lambda: arrays_of_run(before.analysis, "before_") | arrays_of_run(after, "after_"),
        about_run(before.analysis, "before_") | about_run(after, "after_"),
    )


def of_flows(
    opened: Opened,
    flows: Mapping[str, np.ndarray],
    reel: Reel,
    said: str,
    rows: Sequence[Answer],
) -> Share:
    """Page Flow: several flow methods."""
    from fusionscope_app.flow import tables_html

    card = opened.card
    measured = [method for method in flows if method != "true"]
    answers = [tables_html.answers_html(rows, card.flow)] if rows else []
    return replace(
        of_run(opened, "Flow"),
        reel=reel,
        said=[summary.sentence_html(said), *answers],
        lines=python_code.of_flows(opened.known.id, card, measured),
        arrays=lambda: (
            arrays_of_run(opened.analysis)
            | {f"flow_{method}": np.asarray(flow, np.float32) for method, flow in flows.items()}
        ),
    )


def of_pair(runs: Sequence[Opened], reel: Reel, said: Sequence[str]) -> Share:
    """Page Compare: two networks."""
    cards = [run.card for run in runs]
    one, two = runs
    return Share(
        "Compare",
        one.known.id,
        cards,
        reel,
        said,
        [
            f"{letter}: {summary.provenance(run.trace)}"
            for letter, run in zip("AB", runs, strict=True)
        ],
        python_code.of_runs(one.known.id, cards),
        lambda: arrays_of_run(one.analysis, "a_") | arrays_of_run(two.analysis, "b_"),
        about_run(one.analysis, "a_") | about_run(two.analysis, "b_"),
    )


def _said_of(opened: Opened) -> list[str]:
    return [
        summary.sentence_html(sentence(opened.passes)),
        *asked_class.ledgers_html(opened),
        summary.predictions_html(
            opened.trace,
            expected=asked_class.expected_class(opened),
            asked=asked_class.asked_class(opened.card),
        ),
    ]
