"""Figures: results as HTML and words, pure functions of records. All text is escaped here."""

from __future__ import annotations

import re
from html import escape

import numpy as np

from app.palette import DARK, HEADS, LIGHT
from app.player import Click
from core.explain.heatmaps import Reading
from core.explain.ledger import Ledger
from core.explain.measures import decisions, probabilities, top
from core.trace import Trace
from core.video.flow import TITLES

_RULES = """
[data-testid="stMainBlockContainer"] { padding-top: 4.2rem; padding-bottom: 2rem; }
.fs-says { font-size: 0.87rem; line-height: 1.35; max-width: 26rem; }
.fs-says h4 { margin: 0.9rem 0 0.25rem; padding: 0; font-size: 0.8rem; font-weight: 600;
  display: flex; align-items: center; gap: 0.4em; }
.fs-says h4::before { content: ""; width: 0.6em; height: 0.6em; border-radius: 50%;
  background: var(--fs-c); }
.fs-says h4:first-child { margin-top: 0; }
.fs-says .fs-answer { font-size: 1.35rem; font-weight: 600; line-height: 1.2; margin: 0 0 0.35rem; }
.fs-row { display: grid; grid-template-columns: minmax(0, 1fr) 4.2rem 2.6em; gap: 0.5em;
  align-items: center; line-height: 1.5; }
.fs-row span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.fs-row i { height: 0.55em; border-radius: 1px; background: var(--fs-c);
  width: calc(var(--p) * 100%); min-width: 1px; }
.fs-row b { font-weight: 400; text-align: right; font-variant-numeric: tabular-nums; }
.fs-row.fs-true span { font-weight: 600; }
.fs-row.fs-true span::after { content: " \\2713"; }
.fs-row.fs-asked span { font-weight: 600; }
.fs-row.fs-asked span::after { content: " ?"; }
.fs-verdict { margin-bottom: 0.3rem; opacity: 0.85; }
.fs-ledger { display: flex; flex-wrap: wrap; gap: 0.2rem 1.4rem; align-items: baseline;
  font-size: 0.93rem; font-variant-numeric: tabular-nums; }
.fs-ledger b { font-weight: 600; }
.fs-ledger span { color: var(--fs-c, inherit); }
.fs-ledgers { border-collapse: collapse; font-size: 0.93rem; font-variant-numeric: tabular-nums;
  margin-bottom: 1rem; }
.fs-ledgers caption { caption-side: top; text-align: left; padding: 0 0 0.2rem; font-size: 0.93rem;
  color: inherit; }
.fs-ledgers th, .fs-ledgers td { padding: 0.1rem 0 0.1rem 1.4rem; text-align: right; border: 0;
  font-weight: 400; }
.fs-ledgers th[scope="row"] { padding-left: 0; text-align: left; color: var(--fs-c, inherit); }
.fs-ledgers thead th, .fs-ledgers .fs-total > * { font-weight: 600; }
.fs-ledgers .fs-total > * { border-top: 1px solid; }
.fs-named { margin: 0; font-size: 0.93rem; }
.fs-named b { margin-right: 0.35em; }
.fs-aside { margin: 0.25rem 0 0; font-size: 0.93rem; line-height: 1.4; max-width: 80em; }
.fs-sentence { font-size: 1.25rem; line-height: 1.4; max-width: 60em; margin: 0; }
"""
_COLOURS = "".join(
    f".fs-{stream} {{ --fs-c: light-dark({LIGHT[stream]}, {DARK[stream]}); }}\n" for stream in LIGHT
)
STYLE = f"<style>{_RULES}{_COLOURS}</style>"


def sentence_html(text: str) -> str:
    """The sentence, its labels in italics."""
    marked = re.sub(r"\*([^*]+)\*", r"<em>\1</em>", escape(text))
    return f'<p class="fs-sentence">{marked}</p>'


def aside_html(text: str) -> str:
    """A sentence of less weight."""
    return sentence_html(text).replace("fs-sentence", "fs-aside", 1)


def predictions_html(trace: Trace, expected: str = "", asked: str = "") -> str:
    """What the network says, then every head's five likeliest classes and one that is asked about.

    ``expected`` is marked as the truth, ``asked`` with a question mark.
    """
    if not trace.card.taught:
        return (
            f'<div class="fs-says">{_title("predictions")}<p class="fs-answer">none</p>'
            '<div class="fs-verdict">taught no classes</div></div>'
        )
    labels = trace.card.labels
    *heads, (deciding, final) = decisions(trace).items()
    said = top(final, labels, 1)[0][0]
    parts = [
        f'<p class="fs-answer">{escape(said)}</p>',
        _rows(deciding, final, labels, expected, asked),
    ]
    for head, logits in heads:
        parts.append(_title(head))
        parts.append(_rows(head, logits, labels, expected, asked))
    if heads:
        parts.insert(0, _title("average", "average of the heads"))
    else:
        parts.insert(0, _title(deciding))
    if expected and expected in labels:
        right = "as expected" if said == expected else f"expected: {escape(expected)}"
        parts.insert(2, f'<div class="fs-verdict">{right}</div>')
    return f'<div class="fs-says">{"".join(parts)}</div>'


def ledger_html(ledger: Ledger) -> str:
    """The four terms of a score and their sum."""
    terms = (
        ("baseline", "", ledger.baseline),
        ("appearance", "fs-appearance", ledger.appearance),
        ("motion", "fs-motion", ledger.motion),
        ("synergy", "fs-fused", ledger.synergy),
    )
    places = places_of(*(value for _, _, value in terms), ledger.logit)
    shown = "".join(
        f'<span class="{colour}">{name} <b>{signed(value, places)}</b></span>'
        for name, colour, value in terms
    )
    title = f"score of “{escape(ledger.label)}” ({escape(ledger.head)})"
    total = f"<span>= <b>{signed(ledger.logit, places)}</b></span>"
    return f'<div class="fs-ledger"><span>{title}</span>{shown}{total}</div>'


def provenance(trace: Trace) -> str:
    """How the numbers on the page came about."""
    card, clip = trace.card, trace.clip
    height, width = clip.frames.shape[1:3]
    count = f", {card.parameters:,} parameters" if card.parameters else ""
    return (
        f"{card.title} ({card.backbone}){count}, trained on {card.data or 'clips unknown'}. "
        f"Clip: {len(clip.frames)} frames of {width} by {height} at {clip.fps:g} a second. "
        f"Flow: {TITLES.get(card.flow, card.flow)}; {card.chunks} chunks of {card.stack} fields. "
        f"Forward pass {trace.seconds['forward']:.2f} s, towers in {trace.precision}. "
        "Flow and maps are drawn over the first frame of a pair and the frame nearest to a chunk."
    )


def readings_html(found: list[Reading], click: Click) -> str:
    """What each map holds at the clicked place."""
    shown = "".join(
        f'<span class="fs-{r.colour}">{escape(r.name)} <b>{escape(r.value)}</b></span>'
        for r in found
    )
    place = f"at frame {click.frame + 1}, x {click.x:.2f}, y {click.y:.2f}"
    return f'<div class="fs-ledger"><span>{place}</span>{shown}</div>'


def _title(head: str, words: str = "") -> str:
    return f'<h4 class="fs-{HEADS.get(head, "fused")}">{escape(words or head)}</h4>'


def _rows(head: str, logits: np.ndarray, labels: tuple[str, ...], expected: str, asked: str) -> str:
    rows, shown = [], top(logits, labels)
    if asked in labels and asked not in dict(shown):
        shown.append((asked, float(probabilities(logits)[labels.index(asked)])))
    for label, p in shown:
        mark = " fs-true" if label == expected else " fs-asked" if label == asked else ""
        rows.append(
            f'<div class="fs-row fs-{HEADS.get(head, "fused")}{mark}"><span>{escape(label)}</span>'
            f'<i style="--p:{p:.3f}"></i><b>{p:.2f}</b></div>'
        )
    return "".join(rows)


def places_of(*values: float) -> int:
    """Decimals that show terms beside each other: two digits of the largest, one to three."""
    largest = max((abs(value) for value in values), default=0.0)
    return 1 if largest >= 0.95 or largest == 0 else 2 if largest >= 0.095 else 3


def signed(value: float, places: int = 1) -> str:
    """A term of a score: with its sign; what rounds to nothing is +0.0."""
    return f"{round(value, places) + 0.0:+.{places}f}".replace("-", "\N{MINUS SIGN}")
