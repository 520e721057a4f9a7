"""HTML of the lens: one fused value as a sum, with its numbers.

Numbers have three decimals and add up as shown: the rounding error goes into the row of the
channels that are not listed, or into the bias.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

import numpy as np

from fusionscope.base.streams import COLOURS, STREAMS
from fusionscope.explain.fusion.lens import Lens

_COLOURS = [COLOURS[stream] for stream in STREAMS]
_ROWS, _BRIEF = 6, 3


def lens_html(lens: Lens, goes_on: float, brief: bool = False, tables: bool = True) -> str:
    """A fused value as a sum, then the largest contributions of each stream.

    Args:
        brief: for a narrow column: fewer channels, and their totals only.
        tables: whether the contributions follow; a drawing may stand in their place.
    """
    chunk, row, column = (at + 1 for at in lens.cell)
    title = f"Unit {lens.channel} at {lens.place}, chunk {chunk}, row {row}, column {column}."
    listed = "".join((_totals if brief else _table)(lens, stream) for stream in (0, 1))
    formula = "" if brief else f"<small>{_formula(lens)}; a: appearance, m: motion</small>"
    return (
        f'<div class="fs-lens"><p><b>{escape(title)}</b> {formula}</p>'
        f"{_sum(lens, goes_on)}"
        + (f'<div class="fs-lens-tables">{listed}</div>' if tables else "")
        + "</div>"
    )


def _sum(lens: Lens, goes_on: float) -> str:
    parts, total = _filled(lens)
    if lens.rectified:
        return f'<p class="fs-sum">{parts} = {total}, after ReLU <b>{_number(goes_on)}</b></p>'
    return f'<p class="fs-sum">{parts} = <b>{total}</b></p>'


def _filled(lens: Lens) -> tuple[str, str]:
    """The value as a sum with its numbers in it, and the total, which is the sum as shown."""
    shares = [f"{share:.3f}" for share in lens.shares]
    same = lens.channel % lens.activation.shape[1]  # the input channel of the same number
    activations = [f"{value:.3f}" for value in lens.activation[:, same]]
    total = sum(map(float, shares))
    bias = "0.000"
    if "{bias}" in lens.expression:  # it takes the rounding error
        bias, total = f"{round(lens.value, 3) - total:.3f}", lens.value
    parts = lens.expression.format(
        bias=_minus(bias),
        appearance=_part(0, shares[0]),
        motion=_part(1, shares[1]),
        a=_part(0, activations[0]),
        m=_part(1, activations[1]),
    )
    return parts, _number(total)


def _formula(lens: Lens) -> str:
    """The formula of one output channel; ``_x`` and ``_{xyz}`` are subscripts."""
    return re.sub(
        r"_(\w+|\{[^}]*\})", lambda m: f"<sub>{m[1].strip('{}')}</sub>", escape(lens.formula)
    )


def _table(lens: Lens, stream: int) -> str:
    terms, shown = lens.terms[stream], _largest(lens, stream, _ROWS)
    timed = lens.neighbours > 0
    rows = []
    for c in shown:
        weight, activation = lens.weight[stream, c], lens.activation[stream, c]
        rows.append(_row(f"channel {c}", weight, activation, terms[c], timed))
    rows += _sums(lens, stream, shown, 4 if timed else 2)
    heads = ["input", "weight", "activation", "product"]
    if timed:
        near = f"{lens.neighbours} neighbouring taps"
        heads = ["input", "weight", "activation", "product", near, "total"]
    head = "".join(f'<th scope="col">{text}</th>' for text in heads)
    return _captioned(stream, rows, f"<thead><tr>{head}</tr></thead>")


def _totals(lens: Lens, stream: int) -> str:
    """The table with the totals of the channels alone."""
    shown = _largest(lens, stream, _BRIEF)
    rows = [_cells(f"channel {c}", f"{lens.terms[stream, c]:.3f}") for c in shown]
    return _captioned(stream, rows + _sums(lens, stream, shown, 0))


def _largest(lens: Lens, stream: int, most: int) -> list[int]:
    terms = lens.terms[stream]
    return [c for c in np.argsort(-np.abs(terms), kind="stable")[:most] if terms[c]]


def _sums(lens: Lens, stream: int, shown: Sequence[int], empty: int) -> list[str]:
    """Rows with the sum of the channels that are not listed, and of all."""
    terms = lens.terms[stream]
    if not shown:
        return []
    rows, total = [], f"{terms.sum():.3f}"
    left = float(total) - sum(float(f"{terms[c]:.3f}") for c in shown)
    others = len(terms) - len(shown)
    if others and ("{bias}" in lens.expression or np.count_nonzero(terms) > len(shown)):
        rows.append(_cells(f"{others} other channels", *[""] * empty, f"{left:.3f}"))
    return [*rows, _cells("total", *[""] * empty, total)]


def _captioned(stream: int, rows: Sequence[str], head: str = "") -> str:
    name = _COLOURS[stream]
    if not rows:
        return f'<table class="fs-{name}"><caption>{name}: no contribution</caption></table>'
    return (
        f'<table class="fs-{name}"><caption>{name}</caption>'
        f"{head}<tbody>{''.join(rows)}</tbody></table>"
    )


def _row(name: str, weight: float, activation: float, term: float, timed: bool) -> str:
    numbers = [f"{weight:.3f}", f"{activation:.3f}"]
    if timed:
        product = weight * activation
        near = float(f"{term:.3f}") - float(f"{product:.3f}")
        return _cells(name, *numbers, f"{product:.3f}", f"{near:.3f}", f"{term:.3f}")
    return _cells(name, *numbers, f"{term:.3f}")


def _cells(name: str, *numbers: str) -> str:
    cells = "".join(f"<td>{_minus(text)}</td>" for text in numbers)
    return f'<tr><th scope="row">{name}</th>{cells}</tr>'


def _part(stream: int, text: str) -> str:
    return f'<span class="fs-part fs-{_COLOURS[stream]}">{_minus(text)}</span>'


def _number(value: float) -> str:
    return _minus(f"{value:.3f}")


def _minus(text: str) -> str:
    return ("0.000" if text == "-0.000" else text).replace("-", "\N{MINUS SIGN}")


def swapped_html(lenses: Sequence[Lens], title: str, words: str) -> str:
    """The same cell under another operator, and the prediction with it."""
    if len(lenses) == 1:
        line = "{} = <b>{}</b>".format(*_filled(lenses[0]))
    else:
        line = ", ".join(f"y<sub>{one.channel}</sub> = <b>{_filled(one)[0]}</b>" for one in lenses)
    return (
        f'<div class="fs-lens"><p><b>Replaced by {escape(title)}, not retrained</b> '
        f"<small>{_formula(lenses[0])}</small></p>"
        f'<p class="fs-sum">{line}</p><p>{escape(words)}</p></div>'
    )
