"""The class in the address that is compared with the predicted one."""

from __future__ import annotations

from fusionscope.card import Card
from fusionscope.explain.ledger.sentence import beside, ledger_places
from fusionscope_app.markup import summary
from fusionscope_app.state import address
from fusionscope_app.state.opened import Opened


def asked_class(card: Card) -> str:
    """The class in the address, if the network has it; else empty."""
    named = address.word("expected")
    return named if named in card.labels else ""


def expected_class(opened: Opened) -> str:
    """The true class of the clip if it is known, else the class in the address."""
    label = opened.known.label
    return label if label in opened.card.labels else asked_class(opened.card)


def ledgers_html(opened: Opened) -> list[str]:
    """Ledger of the predicted class; if the address names a class, of that and the true one too."""
    passes = opened.passes
    if not passes.taught:
        return []
    asked = asked_class(opened.card)
    others = dict.fromkeys((expected_class(opened), asked)) if asked else ()
    labels = [passes.said, *(label for label in others if label != passes.said)]
    first, *more = (passes.ledger(passes.deciding, label) for label in labels)
    places = ledger_places(first, *more)
    return [summary.ledger_html(first, places)] + [
        summary.ledger_html(one, places) + summary.aside_html(beside(passes, one.label, places))
        for one in more
    ]
