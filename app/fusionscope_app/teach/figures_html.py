"""Figures of page Teach as HTML: accuracy, predictions, confusion, answers over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from fusionscope.base.numbers import class_name
from fusionscope_app.markup.templates import html
from fusionscope_app.teach.words import COLOURS, HEADS, TITLES

if TYPE_CHECKING:
    from fusionscope.teaching.measured import Measured
    from fusionscope_app.teach.results import Predictions
    from fusionscope_app.teach.tests import Answer

_ACCURACY = """\
<div class="fs-taught">
{%- for title, colour, share, low, high in heads -%}
<div class="fs-head fs-{{ colour }}"><span>{{ title }}</span>
<div class="fs-track"><i style="--p:{{ "%.4f" % share }}"></i>
<u style="--p:{{ "%.4f" % chance }}"></u>
<s style="--p:{{ "%.4f" % low }}; --q:{{ "%.4f" % high }}"></s></div>
<b>{{ "%.0f" % (100 * share) }} %</b>
<data class="fs-range">{{ "%.0f" % (100 * low) }} to {{ "%.0f" % (100 * high) }} %</data></div>
{%- endfor -%}
</div>"""
_PREDICTIONS = """\
<div class="fs-says fs-tested"><h2 class="fs-{{ colour }}">{{ title }}</h2>
<p class="fs-answer">{{ said }}</p>
{%- for label, p in rows -%}
<div class="fs-row fs-{{ colour }}"><span>{{ label }}</span>
<i style="--p:{{ "%.3f" % p }}"></i><b>{{ "%.2f" % p }}</b></div>
{%- endfor -%}
</div>"""
_CONFUSION = """\
<div class="fs-scroll" tabindex="0"><table class="fs-confused">
<caption>{{ title }}</caption>
<tbody><tr><td></td>
{%- for label in labels %}<th scope="col">{{ label }}</th>{% endfor %}</tr>
{%- for label, cells in rows -%}
<tr><th scope="row">{{ label }}</th>
{%- for count, right, names in cells -%}
<td class="{{ "fs-right" if right else "fs-wrong" if count }}" title="{{ names }}">
{{- count or "" -}}
{%- if count and not right %}<small>{{ names }}</small>{% endif -%}
</td>
{%- endfor -%}
</tr>
{%- endfor -%}
</tbody></table></div>"""
_BANDS = """\
<div class="fs-bands" role="img" aria-label="{{ spoken }}">
{%- for title, colour, runs in rows -%}
<b class="fs-{{ colour }}">{{ title }}</b><div class="fs-band fs-{{ colour }}">
{%- for label, count, tone in runs -%}
<i style="flex-grow:{{ count }}" class="fs-tone-{{ tone }}">{{ label }}</i>
{%- endfor -%}
</div>
{%- endfor -%}
<span>{{ first }}</span><span class="fs-last">{{ last }}</span>
</div>"""


def accuracy_html(found: Measured) -> str:
    """The accuracy of each classifier as a bar, with its interval and chance."""
    heads = [
        (TITLES[head], COLOURS[head], found.accuracy[head], *found.interval[head]) for head in HEADS
    ]
    return html(_ACCURACY, heads=heads, chance=found.chance)


def predictions_html(predictions: Predictions, head: str) -> str:
    """What one classifier predicts: its class, then the probability of up to five classes."""
    found = predictions[head]
    rows = [(class_name(label), p) for label, p in found.items()]
    return html(
        _PREDICTIONS, title=TITLES[head], colour=COLOURS[head], said=rows[0][0], rows=rows[:5]
    )


def confusion_html(found: Measured, head: str, names: Mapping[str, str]) -> str:
    """Clips of each class (rows) by predicted class (columns); wrong cells name their clips.

    Args:
        names: id -> name of each clip.
    """
    rows = []
    for true in found.classes:
        cells = [(found.cell(head, true, said), said == true) for said in found.classes]
        rows.append(
            (
                class_name(true),
                [
                    (len(ids), right, ", ".join(names.get(i, i) for i in ids))
                    for ids, right in cells
                ],
            )
        )
    title = f"Clips of each class (rows), as {TITLES[head]} predicts them (columns)"
    labels = [class_name(label) for label in found.classes]
    return html(_CONFUSION, title=title, labels=labels, rows=rows)


def bands_html(answers: Sequence[Answer]) -> str:
    """The answers over time, a band for each classifier; equal answers in a row are joined."""
    classes = sorted(answers[0].predictions["fused"])
    rows = []
    for head in ("appearance", "motion", "fused"):
        said = [next(iter(one.predictions[head])) for one in answers]
        runs = [
            (class_name(one), len([*same]), classes.index(one) % 4) for one, same in groupby(said)
        ]
        rows.append((TITLES[head], COLOURS[head], runs))
    spoken = "; ".join(f"{title}: {', then '.join(r[0] for r in runs)}" for title, _, runs in rows)
    return html(_BANDS, rows=rows, spoken=spoken, first=answers[0].clock, last=answers[-1].clock)
