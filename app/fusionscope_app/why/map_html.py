"""Attribution maps and methods as HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fusionscope.base.numbers import signed
from fusionscope.base.streams import COLOURS
from fusionscope.explain.attribution.methods import ATTRIBUTION_METHODS
from fusionscope.explain.attribution.records import Attribution
from fusionscope.explain.checks.actor_overlap import OnActor
from fusionscope.explain.ledger.stream_accounts import Account
from fusionscope.video.snippets import Snippets
from fusionscope_app.markup.templates import html

_SUMMARY = """\
<div class="fs-ledger"><span>score <b>{{ score }}</b></span>
{%- for colour, total in totals -%}
<span class="fs-{{ colour }}">{{ colour }} <b>{{ total }}</b></span>
{%- endfor -%}
{%- if gap %}<span>gap to the change of <b>{{ change }}</b>: <b>{{ gap }}</b></span>{% endif -%}
<span>{{ seconds }} s</span></div>"""
_METHOD = """\
<div class="fs-method"><p><b>{{ method.title }}</b> <code>{{ method.formula }}</code></p>
<p>{{ method.account }} {{ baseline }} {{ notes }}</p>
<p><b>Where it fails.</b> {{ method.failure }} {{ measured }}</p><p>{{ method.paper }}.</p></div>"""
_ACTOR = """\
<table class="fs-actor"><caption class="fs-unseen">Map and actor</caption>
<thead><tr><td></td><th scope="col">on the actor</th>
<th scope="col">actor's area</th><th scope="col">maximum on the actor</th>
<th scope="col">by chance</th></tr></thead><tbody>
{%- for stream, share, area, hits, chance in rows -%}
<tr class="fs-{{ stream }}"><th scope="row">{{ stream }}</th><td>{{ share }}</td>
<td>{{ area }}</td><td>{{ hits }}</td><td>{{ chance }}</td></tr>
{%- endfor -%}
</tbody></table>"""


_ACCOUNTS = """\
<div class="fs-scroll"><table class="fs-ledgers"><caption>{{ caption }}</caption>
<thead><tr><td></td>
{%- for head in heads %}<th scope="col">{{ head }}</th>{% endfor -%}
</tr></thead><tbody>
{%- for name, cells, why in rows -%}
<tr><th scope="row">{{ name }}</th>
{%- for cell in cells %}<td>{{ cell }}</td>{% endfor %}<td class="fs-words">{{ why }}</td></tr>
{%- endfor -%}
</tbody></table></div>"""


def accounts_html(found: Sequence[Account], target: str) -> str:
    """The ways to divide a score between the streams; each row adds up as shown."""
    rows = []
    for one in found:
        parts = (one.start, one.appearance, one.motion, one.rest, one.score)
        rows.append((one.name, [signed(value, one.places) for value in parts], one.why))
    heads = ("baseline", "appearance", "motion", "rest", "= score", "the rest is")
    return html(_ACCOUNTS, caption=f"score of {target}", heads=heads, rows=rows)


def summary_html(found: Attribution) -> str:
    """The score, the sum of each stream's map, and the completeness gap if the method has one."""
    totals, gap, change = [], "", ""
    if ATTRIBUTION_METHODS[found.method].shared:
        totals = [
            (COLOURS[stream], signed(float(one.cells.sum()), 2))
            for stream, one in found.maps.items()
        ]
    if found.gap is not None:
        share = abs(found.gap / found.change) if found.change else float("inf")
        gap, change = f"{100 * share:.1f} %", signed(found.change, 2)
    return html(
        _SUMMARY,
        score=signed(found.score, 2),
        totals=totals,
        gap=gap,
        change=change,
        seconds=f"{found.seconds:.1f}",
    )


def method_html(found: Attribution, measured: str) -> str:
    """A method: title, formula, description, failure modes, measured results and paper."""
    return html(
        _METHOD,
        method=ATTRIBUTION_METHODS[found.method],
        baseline=f"Baseline: {found.baseline}." if found.baseline else "",
        notes=" ".join(found.notes),
        measured=measured,
    )


def spans_words(snippets: Snippets) -> str:
    """The frames that the motion map of each chunk covers."""
    spans = "; ".join(
        f"chunk {t}: {first + 1} to {last + 1}"
        for t, (first, last) in enumerate(snippets.spans, start=1)
    )
    return (
        f"A motion map covers all {snippets.stack + 1} frames of its stack, not only the frame "
        f"under it ({spans}). The timeline shades them."
    )


def actor_html(found: Mapping[str, OnActor]) -> str:
    """The overlap of each stream's map with the actor."""
    rows = [
        (
            *(COLOURS[stream], _share(one.share), _share(one.area)),
            *(f"{one.hits} of {one.asked}", _share(one.chance)),
        )
        for stream, one in found.items()
    ]
    return html(_ACTOR, rows=rows)


def _share(value: float) -> str:
    return "–" if value != value else f"{100 * value:.0f} %"  # noqa: RUF001
