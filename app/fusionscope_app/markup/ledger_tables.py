"""Tables that put the scores of two runs side by side, as HTML."""

from __future__ import annotations

from fusionscope.base.numbers import MINUS, class_name, signed
from fusionscope.explain.ledger.before_after import Shift
from fusionscope.explain.ledger.two_networks import Row
from fusionscope_app.markup.summary import term_title
from fusionscope_app.markup.templates import html

_COLOURS = {
    "appearance": "fs-appearance",
    "motion": "fs-motion",
    "synergy": "fs-fused",
    "score": "fs-total",  # the sum is set apart
}
_TABLE = """\
<table class="fs-ledgers"><caption>score of “{{ label }}”</caption>
<thead><tr><td></td>
{%- for head in heads %}<th scope="col">{{ head }}</th>{% endfor -%}
</tr></thead><tbody>
{%- for colour, term, cells in rows -%}
<tr class="{{ colour }}"><th scope="row">{{ term }}</th>
{%- for cell in cells %}<td>{{ cell }}</td>{% endfor -%}
</tr>
{%- endfor -%}
</tbody></table>"""


def named_html(letter: str, title: str) -> str:
    """The heading of a column: letter and title of its network."""
    return html('<p class="fs-named"><b>{{ a }}</b> {{ title }}</p>', a=letter, title=title)


def ledgers_html(label: str, rows: list[Row]) -> str:
    """Both ledgers of one class, term by term, with the difference."""
    return _table(
        label,
        ("A", "B", f"A {MINUS} B"),
        [
            (row.term, *(_cell(v, row.places) for v in (row.first, row.second, row.difference)))
            for row in rows
        ],
    )


def shifts_html(label: str, shifts: list[Shift]) -> str:
    """The terms of one class's score and its probability before and after, with the change."""

    def cells(shift: Shift) -> tuple[str, ...]:
        before, after = (
            f"{value:.2f}" if shift.term == "P" else signed(value, shift.places)
            for value in (shift.before, shift.after)
        )
        return before, after, signed(shift.by, shift.places)

    rows = [(shift.term, *cells(shift)) for shift in shifts]
    return _table(label, ("before", "after", "change"), rows)


def _table(label: str, heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """One row per term: its name, then its cells."""
    split = [(_COLOURS.get(term, ""), term_title(term), cells) for term, *cells in rows]
    return html(_TABLE, label=class_name(label), heads=heads, rows=split)


def _cell(value: float | None, places: int) -> str:
    return "\N{EN DASH}" if value is None else signed(value, places)
