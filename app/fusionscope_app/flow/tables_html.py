"""Scores of flow methods and the predictions of a network with each, as HTML."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from markupsafe import Markup

from fusionscope.base.numbers import class_name, signed
from fusionscope.explain.ledger.by_flow_method import Answer, in_words
from fusionscope.explain.ledger.flow_quality import least
from fusionscope.video.flow.score import FlowScore
from fusionscope_app.markup.templates import html

_PREDICTION = "prediction"
_TABLE = """\
<div class="fs-flows fs-motion" tabindex="0"><table><caption>{{ caption }}</caption><thead><tr>
{%- for title in head -%}
<th scope="col"{% if title == words %} class="fs-words"{% endif %}>{{ title }}</th>
{%- endfor -%}
</tr></thead><tbody>{% for row in rows %}{{ row }}{% endfor %}</tbody></table></div>"""
_ROW = """\
<tr class="{{ kind }}"><th scope="row">{{ name }}</th>{% for cell in cells %}{{ cell }}{% endfor %}
</tr>"""
_CELL = """\
<td class="{{ kind }}"{% if best %} title="the best of these"{% endif %}>{{ text }}</td>"""
_PERCENT = "{:.1f} %"
_NONE = "\N{EN DASH}"


def scores_html(
    scores: Mapping[str, FlowScore],
    paces: Mapping[str, float],
    still: FlowScore,
    true: FlowScore | None,
) -> str:
    """Time and errors of each method, the best of each marked, beside zero flow and true flow.

    Args:
        scores: method -> score, of the compared methods.
        paces: method -> seconds per flow field; must include DIS.
    """
    known = still.end_point is not None
    columns: list[tuple[str, Callable[[FlowScore], float | None], str]] = [
        ("warp error, grey levels", lambda one: one.warp_error, "{:.2f}"),
        ("end-point error, px", lambda one: one.end_point, "{:.2f}"),
        ("end-point error of moving pixels, px", lambda one: one.end_point_moving, "{:.2f}"),
        ("clipped for the network", lambda one: one.clipped, _PERCENT),
    ]
    if not known:
        del columns[1:3]
    bests = [
        least({method: value(one) for method, one in scores.items()})
        for _, value, _ in columns[:-1]
    ]
    head = ["method", "time per flow field", "relative to DIS", *(title for title, _, _ in columns)]
    quick = least({method: paces[method] for method in scores}, places=3)
    rows = []
    for method, one in scores.items():
        cells = [
            _cell(_milliseconds(paces[method]), method == quick),
            _cell(f"{paces[method] / paces['dis']:.1f}"),
            *(
                _cell(_number(value(one), form), method == best)
                for (_, value, form), best in zip(columns, [*bests, ""], strict=True)
            ),
        ]
        rows.append(_row(in_words(method), cells))
    for name, one in (("no flow", still), ("true flow", true)):
        if one is not None:
            cells = [_number(value(one), form) for _, value, form in columns]
            rows.append(_row(name, map(_cell, [_NONE, _NONE, *cells]), "fs-beside"))
    return _table("How good is the flow?", head, rows)


def answers_html(found: Sequence[Answer], own: str) -> str:
    """The prediction with the flow of each method; a differing prediction is marked."""
    kept = next(one.said for one in found if one.method == own)
    astray = any(one.said != kept for one in found)
    head = ["flow of", _PREDICTION, "P"]
    head += [f"P of “{class_name(kept)}”"] if astray else []
    head += [f"contribution of motion to the score of “{class_name(kept)}”"]
    rows = []
    for one in found:
        cells = [
            _cell(class_name(one.said), kind="fs-words" + (" fs-other" if one.said != kept else ""))
        ]
        cells += [_cell(f"{one.p:.2f}")]
        cells += [_cell(f"{one.kept:.2f}")] if astray else []
        rows.append(_row(_named(one.method, own), [*cells, _cell(signed(one.motion))]))
    return _table("Does the prediction depend on the flow?", head, rows)


def _named(method: str, own: str) -> str:
    name = "true flow" if method == "true" else in_words(method)
    return f"{name} (used in training)" if method == own else name


def _table(caption: str, head: Sequence[str], rows: Sequence[Markup]) -> str:
    return html(_TABLE, caption=caption, head=head, rows=rows, words=_PREDICTION)


def _row(name: str, cells: Iterable[Markup], kind: str = "") -> Markup:
    return html(_ROW, name=name, cells=cells, kind=kind)


def _cell(text: str, best: bool = False, kind: str = "") -> Markup:
    kind = f"{kind} fs-best".strip() if best else kind
    return html(_CELL, text=text, best=best, kind=kind)


def _number(value: float | None, form: str) -> str:
    if value is None or value != value:
        return _NONE
    if form == _PERCENT:
        return "under 0.1 %" if 0 < value < 0.001 else form.format(100 * value)
    return form.format(value)


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.0f} ms" if seconds < 0.995 else f"{seconds:.1f} s"
