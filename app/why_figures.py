"""Why figures: what a method says, and of itself, as HTML. All text is escaped here."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from app.figures import signed
from core.explain.actor import OnActor
from core.explain.attributions import Attribution
from core.explain.methods import METHODS
from core.streams import COLOURS
from core.video.snippets import Snippets

STYLE = """<style>
.fs-method { font-size: 0.93rem; line-height: 1.45; max-width: 62em; }
.fs-method p { margin: 0 0 0.45rem; }
.fs-method code { font-size: 0.9em; white-space: normal; background: none; padding: 0; }
.fs-actor { border-collapse: collapse; font-size: 0.93rem; font-variant-numeric: tabular-nums; }
.fs-actor th, .fs-actor td { border: 0; padding: 0.1rem 0 0.1rem 1.4rem; text-align: right;
  font-weight: 400; }
.fs-actor th[scope="row"] { padding-left: 0; text-align: left; color: var(--fs-c, inherit); }
.fs-actor thead th { font-weight: 600; }
</style>"""


def summary_html(found: Attribution) -> str:
    """The score, what each stream's map adds up to, and the gap where there is none promised."""
    method = METHODS[found.method]
    parts = [f"<span>score <b>{signed(found.score, 2)}</b></span>"]
    if method.shared:
        for stream, one in found.maps.items():
            colour = COLOURS[stream]
            total = signed(float(one.cells.sum()), 2)
            parts.append(f'<span class="fs-{colour}">{colour} <b>{total}</b></span>')
    if found.gap is not None:
        share = abs(found.gap / found.change) if found.change else float("inf")
        parts.append(
            f"<span>of a change of <b>{signed(found.change, 2)}</b>: gap <b>{share:.1%}</b></span>"
        )
    parts.append(f"<span>{found.seconds:.1f} s</span>")
    return f'<div class="fs-ledger">{"".join(parts)}</div>'


def method_html(found: Attribution, measured: str) -> str:
    """What the method does, its formula, where it fails, what was measured of it, whose it is."""
    method = METHODS[found.method]
    absent = f" Baseline: {found.baseline}." if found.baseline else ""
    notes = " ".join(found.notes)
    return (
        f'<div class="fs-method"><p><b>{escape(method.title)}</b> '
        f"<code>{escape(method.formula)}</code></p>"
        f"<p>{escape(method.account)}{escape(absent)} {escape(notes)}</p>"
        f"<p><b>Where it fails.</b> {escape(method.failure)} {escape(measured)}</p>"
        f"<p>{escape(method.paper)}.</p></div>"
    )


def spans_words(snippets: Snippets) -> str:
    """Which frames the motion map of each chunk speaks of."""
    told = "; ".join(
        f"chunk {t}: {first + 1} to {last + 1}"
        for t, (first, last) in enumerate(snippets.spans, start=1)
    )
    return (
        f"A motion map speaks of all {snippets.stack + 1} frames of its stack at once, not of the "
        f"one it is drawn over ({told}). The timeline shades them."
    )


def actor_html(found: Mapping[str, OnActor]) -> str:
    """How each stream's map lies on the actor."""
    rows = "".join(
        f'<tr class="fs-{COLOURS[stream]}"><th scope="row">{COLOURS[stream]}</th>'
        f"<td>{_share(one.share)}</td><td>{_share(one.area)}</td>"
        f"<td>{one.hits} of {one.asked}</td><td>{_share(one.chance)}</td></tr>"
        for stream, one in found.items()
    )
    return (
        '<table class="fs-actor"><thead><tr><td></td><th scope="col">on the actor</th>'
        '<th scope="col">actor\'s area</th><th scope="col">points at it</th>'
        f'<th scope="col">by chance</th></tr></thead><tbody>{rows}</tbody></table>'
    )


def _share(value: float) -> str:
    return "–" if value != value else f"{value:.0%}"  # noqa: RUF001
