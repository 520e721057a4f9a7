"""Asking: the class that the address names beside the one a network says: why not that one?"""

from __future__ import annotations

from app import address, figures, sources
from core.card import Card
from core.explain.words import beside
from core.pipeline import Analysis


def asked_class(card: Card) -> str:
    """The class that the address asks about, if the network knows it; else nothing."""
    named = address.word("expected")
    return named if named in card.labels else ""


def expected_class(card: Card, known: sources.Known) -> str:
    """What the clip shows: its own label if that is known, else the class that is asked about."""
    return known.label if known.label in card.labels else asked_class(card)


def ledgers_html(analysis: Analysis, known: sources.Known) -> list[str]:
    """The answer's ledger; where the address asks about a class, that one's and the truth's too."""
    card, passes = analysis.trace.card, analysis.passes
    if not passes.taught:
        return []
    asked = asked_class(card)
    others = dict.fromkeys((expected_class(card, known), asked)) if asked else ()
    return [figures.ledger_html(passes.ledger(passes.deciding, passes.said))] + [
        figures.ledger_html(passes.ledger(passes.deciding, label))
        + figures.aside_html(beside(passes, label))
        for label in others
        if label != passes.said
    ]
