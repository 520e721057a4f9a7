"""HTML from templates: names that others gave are shown as text, on every part of a page."""

import dataclasses

import pytest
from jinja2 import UndefinedError

from fusionscope.card import Card
from fusionscope.diagnostics.network_check import Line
from fusionscope.explain.ledger.before_after import Shift
from fusionscope.nets.store.catalogue import CatalogueEntry
from fusionscope_app.flow.tables_html import _cell, _row, _table
from fusionscope_app.markup.ledger_tables import named_html, shifts_html
from fusionscope_app.markup.summary import aside_html, sentence_html
from fusionscope_app.markup.templates import html
from fusionscope_app.models import cards_html

EVIL = '<img src=x onerror="alert(1)">{{ 7 * 7 }}'
SHOWN = "&lt;img src=x onerror=&#34;alert(1)&#34;&gt;{{ 7 * 7 }}"
CARD = Card("evil", EVIL, (EVIL, "b"), "vgg-m-2048", "vgg-m-2048", fusion="sum", place="relu5")


def parts() -> dict[str, str]:
    full = dataclasses.replace(
        CARD, data=EVIL, licence=EVIL, accuracy=((EVIL, 0.5),), ceiling=((EVIL, 0.7),)
    )
    entry = CatalogueEntry("evil", card=full, origin=EVIL)
    return {
        "sentence": sentence_html(EVIL),
        "aside": aside_html(EVIL),
        "named": named_html("A", EVIL),
        "shifts": shifts_html(EVIL, [Shift(EVIL, 0.1, 0.2)]),
        "card": cards_html.card_html(entry),
        "broken": cards_html.broken_html([dataclasses.replace(entry, card=None, problem=EVIL)]),
        "checks": cards_html.checks_html([Line(EVIL, EVIL, EVIL)]),
        "flow": _table(EVIL, [EVIL], [_row(EVIL, [_cell(EVIL)])]),
    }


@pytest.mark.parametrize(
    "name", ["sentence", "aside", "named", "shifts", "card", "broken", "checks", "flow"]
)
def test_a_name_that_is_markup_is_shown_as_text(name: str) -> None:
    made = parts()[name]
    assert "<img" not in made
    assert SHOWN in made


def test_html_from_a_template_is_not_escaped_again() -> None:
    inner = html("<b>{{ name }}</b>", name="<i>")
    assert html("<p>{{ inner }}</p>", inner=inner) == "<p><b>&lt;i&gt;</b></p>"


def test_labels_in_a_sentence_are_in_italics() -> None:
    assert sentence_html("*a & b* wins") == '<p class="fs-sentence"><em>a &amp; b</em> wins</p>'


def test_a_value_that_is_missing_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        html("{{ nothing }}")
