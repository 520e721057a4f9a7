"""Shares: what each page has to give: its words and numbers, its arrays, its lines of Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from app import (
    asking,
    figures,
    flow_tables,
    fusions,
    lens_figures,
    script,
    sources,
    why_figures,
    whys,
)
from app.edit_stack import Stack
from app.picking import Pick
from app.sharing import Share
from app.whys import Asked
from core.bundle import Arrays, about_run, arrays_of_attribution, arrays_of_run
from core.explain.attributions import Attribution
from core.explain.flowblame import Answer
from core.explain.words import sentence
from core.pipeline import Analysis


def of_run(analysis: Analysis, known: sources.Known, page: str = "Explore") -> Share:
    """One run, as page Explore shows it."""
    card = analysis.trace.card
    return Share(
        page,
        known.id,
        (card,),
        analysis.reel,
        _said_of(analysis, known),
        [figures.provenance(analysis.trace)],
        script.of_run(known.id, card),
        lambda: arrays_of_run(analysis),
        about_run(analysis),
    )


def of_stage(analysis: Analysis, known: sources.Known, reel: bytes) -> Share:
    """Page Fusion, where a stage's map is shown."""
    return replace(of_run(analysis, known, "Fusion"), reel=reel)


def of_lens(analysis: Analysis, known: sources.Known, reel: bytes, pick: Pick) -> Share:
    """Page Fusion, where a fused unit is taken apart."""
    card = analysis.trace.card
    lens = fusions.lens_of(analysis, pick.place, pick.unit, pick.cell)

    def arrays() -> Arrays:
        parts = {"weight": lens.weight, "activation": lens.activation, "terms": lens.terms}
        return arrays_of_run(analysis) | {f"lens_{name}": part for name, part in parts.items()}

    return replace(
        of_run(analysis, known, "Fusion"),
        reel=reel,
        said=[
            *_said_of(analysis, known),
            lens_figures.lens_html(lens, fusions.goes_on(analysis, lens)),
        ],
        lines=script.of_lens(known.id, card, pick.place, pick.unit, pick.cell),
        arrays=arrays,
    )


def of_attribution(
    analysis: Analysis, known: sources.Known, asked: Asked, found: Attribution
) -> Share:
    """Page Why, once a method has been asked."""
    said = [
        figures.sentence_html(sentence(analysis.passes)),
        why_figures.summary_html(found),
        why_figures.method_html(found, whys.measured_words(analysis, found)),
        *asking.ledgers_html(analysis, known),
    ]
    notes = [figures.provenance(analysis.trace)]
    if "temporal" in found.maps:
        notes.append(why_figures.spans_words(analysis.trace.snippets))
    return replace(
        of_run(analysis, known, "Why"),
        reel=whys.reel_of(analysis, asked),
        said=said,
        notes=notes,
        lines=script.of_attribution(
            known.id, analysis.trace.card, asked.method, asked.target, asked.stage
        ),
        arrays=lambda: arrays_of_run(analysis) | arrays_of_attribution(found),
        about={**about_run(analysis), "method": asked.method, "target": str(asked.target)},
        show=("frame", "flow", *found.maps),
    )


def of_edits(
    before: Analysis,
    after: Analysis,
    known: sources.Known,
    stack: Stack,
    reel: bytes,
    said: Sequence[str],
    truth: str,
) -> Share:
    """Page What if: before and after."""
    card = before.trace.card
    return Share(
        "What if",
        known.id,
        (card,),
        reel,
        said,
        [f"Before: {figures.provenance(before.trace)}", f"After: {stack.words}."],
        script.of_edits(known.id, card, stack, truth),
        lambda: arrays_of_run(before, "before_") | arrays_of_run(after, "after_"),
        about_run(before, "before_") | about_run(after, "after_"),
    )


def of_flows(
    analysis: Analysis,
    known: sources.Known,
    flows: Mapping[str, np.ndarray],
    reel: bytes,
    said: str,
    rows: Sequence[Answer],
) -> Share:
    """Page Flow: several methods."""
    card = analysis.trace.card
    measured = [method for method in flows if method != "true"]
    answers = [flow_tables.answers_html(rows, card.flow)] if rows else []
    return replace(
        of_run(analysis, known, "Flow"),
        reel=reel,
        said=[figures.sentence_html(said), *answers],
        lines=script.of_flows(known.id, card, measured),
        arrays=lambda: (
            arrays_of_run(analysis)
            | {f"flow_{method}": np.asarray(flow, np.float32) for method, flow in flows.items()}
        ),
    )


def of_pair(
    runs: Sequence[Analysis], known: sources.Known, reel: bytes, said: Sequence[str]
) -> Share:
    """Page Compare: two networks."""
    cards = [run.trace.card for run in runs]
    one, two = runs
    return Share(
        "Compare",
        known.id,
        cards,
        reel,
        said,
        [
            f"{letter}: {figures.provenance(run.trace)}"
            for letter, run in zip("AB", runs, strict=True)
        ],
        script.of_runs(known.id, cards),
        lambda: arrays_of_run(one, "a_") | arrays_of_run(two, "b_"),
        about_run(one, "a_") | about_run(two, "b_"),
    )


def _said_of(analysis: Analysis, known: sources.Known) -> list[str]:
    card = analysis.trace.card
    return [
        figures.sentence_html(sentence(analysis.passes)),
        *asking.ledgers_html(analysis, known),
        figures.predictions_html(
            analysis.trace,
            expected=asking.expected_class(card, known),
            asked=asking.asked_class(card),
        ),
    ]
