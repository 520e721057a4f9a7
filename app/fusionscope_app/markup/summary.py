"""Results as HTML and text: pure functions of records."""

from __future__ import annotations

import re

import numpy as np
from markupsafe import Markup, escape

from fusionscope.base.numbers import class_name, is_guess, signed
from fusionscope.explain.heatmaps import Reading
from fusionscope.explain.ledger.ledger import TERMS, Ledger
from fusionscope.explain.ledger.sentence import NO_BETTER, ledger_places, shown_ledger
from fusionscope.explain.measures import decisions, probabilities, top
from fusionscope.trace import Trace
from fusionscope.video.flow.methods import TITLES
from fusionscope_app.components.player import Click
from fusionscope_app.markup.templates import html
from fusionscope_app.theme.palette import HEADS

_PREDICTIONS = """\
<div class="fs-says">{{ title }}<p class="fs-answer">{{ predicted }}</p>
{%- if verdict %}<div class="fs-verdict">{{ verdict }}</div>{% endif -%}
{%- for part in parts %}{{ part }}{% endfor -%}
</div>"""
_BRIEF = """\
<div class="fs-says fs-brief"><p class="fs-answer">{{ predicted }}</p>
{%- if verdict %}<div class="fs-verdict">{{ verdict }}</div>{% endif -%}
{%- for head, colour, label, p in lines -%}
<div class="fs-{{ colour }}"><b>{{ head }}</b> <span>{{ label }}</span> {{ "%.2f" % p }}</div>
{%- endfor -%}
</div>"""
_ROWS = """\
{%- for label, p, mark in rows -%}
<div class="fs-row fs-{{ colour }}{{ mark }}"><span>{{ label }}</span>
<i style="--p:{{ "%.3f" % p }}"></i><b>{{ "%.2f" % p }}</b></div>
{%- endfor -%}"""
_LEDGER = """\
<div class="fs-ledger"><span>{{ title }}</span>
{%- for colour, name, value in terms -%}
<span class="{{ colour }}">{{ name }} <b>{{ value }}</b></span>
{%- endfor -%}
{%- if total %}<span>= <b>{{ total }}</b></span>{% endif -%}
</div>"""


def sentence_html(text: str) -> str:
    """A sentence, with its labels (*label*) in italics."""
    return _sentence(text, "fs-sentence")


def aside_html(text: str) -> str:
    """A sentence of less weight."""
    return _sentence(text, "fs-aside")


def task_html(text: str) -> str:
    """The task of a network, in one line."""
    return _sentence(text, "fs-task")


def _sentence(text: str, kind: str) -> str:
    marked = re.sub(r"\*([^*]+)\*", r"<em>\1</em>", str(escape(text)))
    return html('<p class="{{ kind }}">{{ text }}</p>', kind=kind, text=Markup(marked))


def predictions_html(trace: Trace, expected: str = "", asked: str = "") -> str:
    """The predicted class, then the five most likely classes of each head.

    ``expected`` is marked as the truth. ``asked`` is listed too, with a question mark.
    """
    labels, parts, verdict = trace.card.labels, [], ""
    if trace.card.taught:
        *heads, (deciding, final) = decisions(trace).items()
        predicted = class_name(top(final, labels, 1)[0][0])
        verdict = _verdict(trace, deciding, final, expected)
        title = _title("average", "average of the heads") if heads else _title(deciding)
        parts.append(_rows(deciding, final, labels, expected, asked))
        for head, logits in heads:
            parts += [_title(head), _rows(head, logits, labels, expected, asked)]
    else:
        title, predicted, verdict = _title("predictions"), "none", "untrained classifier"
    return html(_PREDICTIONS, title=title, predicted=predicted, verdict=verdict, parts=parts)


def brief_html(trace: Trace, expected: str = "") -> str:
    """The predicted class, then the most likely class of each head, one line each."""
    if not trace.card.taught:
        return predictions_html(trace)
    labels, given = trace.card.labels, decisions(trace)
    *_, (deciding, final) = given.items()
    lines = []
    for head, logits in reversed(given.items()):
        label, p = top(logits, labels, 1)[0]
        lines.append((head, HEADS.get(head, "fused"), class_name(label), p))
    verdict = _verdict(trace, deciding, final, expected)
    return html(_BRIEF, predicted=lines[0][2], verdict=verdict, lines=lines)


def _verdict(trace: Trace, head: str, logits: np.ndarray, expected: str) -> str:
    """Whether a prediction is the expected one, and whether it is no better than chance."""
    labels = trace.card.labels
    said, p = top(logits, labels, 1)[0]
    words = []
    if expected and expected in labels:
        words.append("as expected" if said == expected else f"expected: {class_name(expected)}")
    if head in trace.card.guesses or is_guess(p, len(labels)):
        words.append(NO_BETTER)
    return "; ".join(words)


def ledger_html(ledger: Ledger, places: int | None = None) -> str:
    """The four terms of a score, and the score as their sum: they add up as shown.

    Args:
        places: decimals of ledgers that are compared; None: those of this one.
    """
    places = ledger_places(ledger) if places is None else places
    shown = shown_ledger(ledger, places)
    return html(
        _LEDGER,
        title=f"score of “{class_name(ledger.label)}” ({ledger.head})",
        terms=[
            (_TERM_COLOURS.get(term, ""), term_title(term), signed(shown[term], places))
            for term in TERMS
        ],
        total=signed(shown["score"], places),
    )


_TERM_COLOURS = {"appearance": "fs-appearance", "motion": "fs-motion", "synergy": "fs-fused"}


def term_title(term: str) -> str:
    """A term of a ledger as shown; JSON and files call the interaction ``synergy``."""
    return "interaction" if term == "synergy" else term


def provenance(trace: Trace) -> str:
    """How the numbers on the page were computed."""
    card, clip = trace.card, trace.clip
    height, width = clip.frames.shape[1:3]
    read = f"{len(clip.frames)} frames of {width} by {height} at {clip.fps:g} fps"
    count = f", {card.parameters:,} parameters" if card.parameters else ""
    return (
        f"{card.title} ({card.backbone}){count}, trained on {card.data or 'unknown data'}. "
        f"Clip: {'; '.join((read, *clip.notes))}. "
        f"Flow: {TITLES.get(card.flow, card.flow)}; {card.chunks} chunks of {card.stack} fields. "
        f"Forward pass {trace.seconds['forward']:.2f} s, towers in {trace.precision}. "
        "Flow is drawn over the first frame of a pair; each frame has the map of the nearest chunk."
    )


READINGS_HINT = html(
    '<p class="fs-hint">Click a picture: the values of all maps at that place.</p>'
)
"""Stands where the readings will be, so that nothing moves when they come."""


def readings_html(found: list[Reading], click: Click) -> str:
    """The value of each map at the clicked place."""
    return html(
        _LEDGER,
        title=f"at frame {click.frame + 1}, x {click.x:.2f}, y {click.y:.2f}",
        terms=[(f"fs-{one.colour}", one.name, one.value) for one in found],
        total="",
    )


def _title(head: str, text: str = "") -> Markup:
    colour = HEADS.get(head, "fused")
    return html('<h2 class="fs-{{ colour }}">{{ text }}</h2>', colour=colour, text=text or head)


def _rows(
    head: str, logits: np.ndarray, labels: tuple[str, ...], expected: str, asked: str
) -> Markup:
    rows, shown = [], top(logits, labels)
    if asked in labels and asked not in dict(shown):
        shown.append((asked, float(probabilities(logits)[labels.index(asked)])))
    for label, p in shown:
        mark = " fs-true" if label == expected else " fs-asked" if label == asked else ""
        rows.append((class_name(label), p, mark))
    return html(_ROWS, rows=rows, colour=HEADS.get(head, "fused"))
