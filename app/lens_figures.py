"""Lens figures: one fused number written out, with the real numbers in it, as HTML.

Numbers are rounded to three decimals so that they add up as they stand: what rounding leaves over
goes to the line of the channels that are not shown.
"""

from __future__ import annotations

from html import escape

import numpy as np

from core.explain.lens import Lens
from core.explain.units import SWAPS
from core.streams import COLOURS, STREAMS

STYLE = """<style>
.fs-lens { font-size: 0.93rem; font-variant-numeric: tabular-nums; }
.fs-lens p { margin: 0 0 0.5rem; max-width: 70em; line-height: 1.6; }
.fs-lens .fs-sum { font-size: 1.25rem; line-height: 1.5; }
.fs-lens .fs-part { color: var(--fs-c); white-space: nowrap; }
.fs-lens small { opacity: 0.75; font-size: 0.85em; }
.fs-lens-tables { display: grid; grid-template-columns: repeat(auto-fit, minmax(19rem, 1fr));
  gap: 0.5rem 3rem; max-width: 70rem; }
.fs-lens table { border-collapse: collapse; width: 100%; margin: 0; }
.fs-lens caption { caption-side: top; text-align: left; font-weight: 600; padding: 0 0 0.2rem;
  color: var(--fs-c); font-size: inherit; }
.fs-lens th, .fs-lens td { border: 0; padding: 0.05rem 0 0.05rem 0.9rem; text-align: right;
  font-weight: 400; }
.fs-lens th:first-child, .fs-lens td:first-child { text-align: left; padding-left: 0; }
.fs-lens thead th { opacity: 0.75; font-size: 0.85em; }
.fs-lens tbody tr:last-child > * { border-top: 1px solid currentColor; font-weight: 600; }
</style>"""

FORMULAS = {
    "Sum": "y<sub>d</sub> = a<sub>d</sub> + m<sub>d</sub>",
    "Max": "y<sub>d</sub> = max(a<sub>d</sub>, m<sub>d</sub>)",
    "Concatenation": "y<sub>d</sub> = a<sub>d</sub>, y<sub>C+d</sub> = m<sub>d</sub>",
    "Conv": "y<sub>d</sub> = ReLU(b<sub>d</sub> + Σ<sub>c</sub> w<sub>dc</sub> a<sub>c</sub> "
    "+ Σ<sub>c</sub> v<sub>dc</sub> m<sub>c</sub>)",
    "Conv3d": "y<sub>d</sub> = ReLU(b<sub>d</sub> + Σ w<sub>dc</sub> a<sub>c</sub> "
    "+ Σ v<sub>dc</sub> m<sub>c</sub>), over 3 x 3 cells, 3 chunks and all channels c",
}
_COLOURS = [COLOURS[stream] for stream in STREAMS]
_ROWS = 6


def lens_html(lens: Lens, goes_on: float) -> str:
    """A fused number as the sum of its parts, then the channels that it is made of."""
    chunk, row, column = (at + 1 for at in lens.cell)
    title = f"Unit {lens.channel} at {lens.place}, chunk {chunk}, row {row}, column {column}."
    tables = "".join(_table(lens, stream) for stream in (0, 1))
    return (
        f'<div class="fs-lens"><p><b>{escape(title)}</b> <small>{FORMULAS[lens.operator]}; '
        "a: appearance, m: motion</small></p>"
        f"{_sum(lens, goes_on)}"
        f'<div class="fs-lens-tables">{tables}</div></div>'
    )


def _sum(lens: Lens, goes_on: float) -> str:
    appearance, motion = (f"{share:.3f}" for share in lens.shares)
    if lens.operator in ("Conv", "Conv3d"):
        # The bias takes what rounding leaves over, so that the line adds up as it stands.
        bias = f"{round(lens.value, 3) - float(appearance) - float(motion):.3f}"
        parts = f"{_minus(bias)} + {_part(0, appearance)} + {_part(1, motion)}"
        rectified = f", behind the ReLU <b>{goes_on:.3f}</b>"
        return f'<p class="fs-sum">{parts} = {_minus(f"{lens.value:.3f}")}{rectified}</p>'
    if lens.operator == "Max":
        a, m = (f"{v:.3f}" for v in lens.activation[:, lens.channel])
        parts = f"max({_part(0, a)}, {_part(1, m)})"
    elif lens.operator == "Sum":
        parts = f"{_part(0, appearance)} + {_part(1, motion)}"
    else:
        stream = lens.channel // lens.activation.shape[1]
        parts = f"{_part(stream, (appearance, motion)[stream])}"
    return f'<p class="fs-sum">{parts} = <b>{goes_on:.3f}</b></p>'


def _table(lens: Lens, stream: int) -> str:
    name, terms = _COLOURS[stream], lens.terms[stream]
    shown = [c for c in np.argsort(-np.abs(terms), kind="stable")[:_ROWS] if terms[c]]
    timed = lens.operator == "Conv3d"
    if not shown:
        return f'<table class="fs-{name}"><caption>{name}: gives nothing here</caption></table>'
    rows = []
    for c in shown:
        weight, activation = lens.weight[stream, c], lens.activation[stream, c]
        rows.append(_row(f"channel {c}", weight, activation, terms[c], timed))
    total = f"{terms.sum():.3f}"
    left = float(total) - sum(float(f"{terms[c]:.3f}") for c in shown)
    others = len(terms) - len(shown)
    if others and lens.operator in ("Conv", "Conv3d"):
        rows.append(_cells(f"{others} other channels", *[""] * (4 if timed else 2), f"{left:.3f}"))
    rows.append(_cells("in all", *[""] * (4 if timed else 2), total))
    heads = ["", "weight", "activation", "product"]
    if timed:
        heads = ["", "weight", "activation", "product", "26 other taps", "in all"]
    head = "".join(f"<th>{text}</th>" for text in heads)
    return (
        f'<table class="fs-{name}"><caption>{name}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


def _row(name: str, weight: float, activation: float, term: float, timed: bool) -> str:
    numbers = [f"{weight:.3f}", f"{activation:.3f}"]
    if timed:
        product = weight * activation
        near = float(f"{term:.3f}") - float(f"{product:.3f}")
        return _cells(name, *numbers, f"{product:.3f}", f"{near:.3f}", f"{term:.3f}")
    return _cells(name, *numbers, f"{term:.3f}")


def _cells(*texts: str) -> str:
    return f"<tr>{''.join(f'<td>{_minus(text)}</td>' for text in texts)}</tr>"


def _part(stream: int, text: str) -> str:
    return f'<span class="fs-part fs-{_COLOURS[stream]}">{_minus(text)}</span>'


def _minus(text: str) -> str:
    return text.replace("-0.000", "0.000").replace("-", "\N{MINUS SIGN}")


def swapped_html(lens: Lens, name: str, words: str) -> str:
    """The same cell under an operator without weights, and what the layers behind make of it."""
    channels = lens.activation.shape[1]
    d = lens.channel % channels
    a, m = lens.activation[:, d]
    parts = _part(0, f"{a:.3f}"), _part(1, f"{m:.3f}")
    line = {
        "sum": f"{parts[0]} + {parts[1]} = <b>{float(f'{a:.3f}') + float(f'{m:.3f}'):.3f}</b>",
        "max": f"max({parts[0]}, {parts[1]}) = <b>{max(a, m):.3f}</b>",
        "cat": f"y<sub>{d}</sub> = <b>{parts[0]}</b>, y<sub>{channels + d}</sub> = "
        f"<b>{parts[1]}</b>",
    }[name]
    title = SWAPS[name]
    return (
        f'<div class="fs-lens"><p><b>{title} in its place, not retrained</b> '
        f"<small>{FORMULAS[title]}</small></p>"
        f'<p class="fs-sum">{line}</p><p>{escape(words)}</p></div>'
    )
