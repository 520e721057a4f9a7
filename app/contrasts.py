"""Contrasts: two runs beside each other as HTML, pure functions of records. All text is escaped."""

from __future__ import annotations

from html import escape

from app.figures import places_of, signed
from core.explain.change import Shift
from core.explain.contrast import Row

_COLOURS = {"appearance": "fs-appearance", "motion": "fs-motion", "synergy": "fs-fused"}


def named_html(letter: str, title: str) -> str:
    """Whose column this is."""
    return f'<p class="fs-named"><b>{escape(letter)}</b> {escape(title)}</p>'


def ledgers_html(label: str, rows: list[Row]) -> str:
    """Both ledgers of one class, term by term, with the difference."""
    cells = [(row.first, row.second, row.difference) for row in rows]
    places = _places(cells)
    return _table(
        label,
        ("A", "B", "A \N{MINUS SIGN} B"),
        [(row.term, *(_cell(v, places) for v in of)) for row, of in zip(rows, cells, strict=True)],
    )


def shifts_html(label: str, shifts: list[Shift]) -> str:
    """The score of one class and its P, before and after, with what was added."""
    places = _places([(s.before, s.after, s.by) for s in shifts if s.term != "P"])

    def cells(shift: Shift) -> tuple[str, ...]:
        if shift.term != "P":
            return tuple(_cell(v, places) for v in (shift.before, shift.after, shift.by))
        return f"<td>{shift.before:.2f}</td>", f"<td>{shift.after:.2f}</td>", _cell(shift.by, 2)

    rows = [(shift.term, *cells(shift)) for shift in shifts]
    return _table(label, ("before", "after", "change"), rows)


def _table(label: str, heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A term a row: its name, its cells; the sum, called score, is set apart."""
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    body = "".join(
        f'<tr class="{_COLOURS.get(term, "fs-total" if term == "score" else "")}">'
        f'<th scope="row">{term}</th>{"".join(cells)}</tr>'
        for term, *cells in rows
    )
    return (
        f'<table class="fs-ledgers"><caption>score of “{escape(label)}”</caption>'
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def _places(rows: list[tuple[float | None, ...]]) -> int:
    return places_of(*(value for row in rows for value in row if value is not None))


def _cell(value: float | None, places: int) -> str:
    return f"<td>{'–' if value is None else signed(value, places)}</td>"  # noqa: RUF001
