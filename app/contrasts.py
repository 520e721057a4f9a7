"""Contrasts: two runs beside each other as HTML, pure functions of records. All text is escaped."""

from __future__ import annotations

from html import escape

from app.figures import signed
from core.explain.contrast import Row

_COLOURS = {"appearance": "fs-appearance", "motion": "fs-motion", "synergy": "fs-fused"}


def named_html(letter: str, title: str) -> str:
    """Whose column this is."""
    return f'<p class="fs-named"><b>{escape(letter)}</b> {escape(title)}</p>'


def ledgers_html(label: str, rows: list[Row]) -> str:
    """Both ledgers of one class, term by term, with the difference."""
    head = "".join(f'<th scope="col">{name}</th>' for name in ("A", "B", "A \N{MINUS SIGN} B"))
    body = "".join(
        f'<tr class="{_COLOURS.get(row.term, "")}"><th scope="row">{row.term}</th>'
        f"{_cell(row.first)}{_cell(row.second)}{_cell(row.difference)}</tr>"
        for row in rows
    )
    return (
        f'<table class="fs-ledgers"><caption>score of “{escape(label)}”</caption>'
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def _cell(value: float | None) -> str:
    return f"<td>{'–' if value is None else signed(value)}</td>"  # noqa: RUF001
