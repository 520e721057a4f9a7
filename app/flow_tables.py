"""Flow tables: the methods' figures and a network's answers under them, as HTML, all escaped."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape

from app.figures import signed
from core.explain.flowblame import Answer, spoken
from core.explain.flowwords import least
from core.video.flowscore import FlowScore

_RULES = """
.fs-flows { overflow-x: auto; margin-bottom: 0.5rem; }
.fs-flows table { border-collapse: collapse; font-size: 0.93rem;
  font-variant-numeric: tabular-nums; }
.fs-flows caption { caption-side: top; text-align: left; padding: 0 0 0.3rem; font-size: 0.93rem;
  font-weight: 600; color: inherit; }
.fs-flows th, .fs-flows td { padding: 0.16rem 0 0.16rem 1.3rem; text-align: right; border: 0;
  font-weight: 400; white-space: nowrap; }
.fs-flows thead th { vertical-align: bottom; line-height: 1.25; white-space: normal;
  min-width: 3.4rem; max-width: 7.5rem; opacity: 0.8; border-bottom: 1px solid; }
.fs-flows th:first-child, .fs-flows .fs-words { text-align: left; }
.fs-flows th:first-child { padding-left: 0; }
.fs-flows .fs-best { font-weight: 650; }
.fs-flows .fs-best::before { content: "\\25CF"; font-size: 0.6em; vertical-align: 0.2em;
  margin-right: 0.4em; color: var(--fs-c); }
.fs-flows .fs-beside > * { opacity: 0.75; font-style: italic; }
.fs-flows .fs-other { font-weight: 650; }
"""
STYLE = f"<style>{_RULES}</style>"

_WORDS = ' class="fs-words"'
_SHARE = "{:.1%}"
_NONE = "\N{EN DASH}"


def scores_html(
    scores: Mapping[str, FlowScore],
    paces: Mapping[str, float],
    still: FlowScore,
    true: FlowScore | None,
) -> str:
    """Each method's time and errors, the best of each marked; no flow and the true one beside.

    Args:
        scores: method -> score, of those that are compared.
        paces: method -> seconds a field; DIS among them.
    """
    known = still.end_point is not None
    columns: list[tuple[str, Callable[[FlowScore], float | None], str]] = [
        ("warp error, grey levels", lambda one: one.warp_error, "{:.2f}"),
        ("end-point error, px", lambda one: one.end_point, "{:.2f}"),
        ("the same on what moves, px", lambda one: one.end_point_moving, "{:.2f}"),
        ("clipped for the network", lambda one: one.clipped, _SHARE),
    ]
    if not known:
        del columns[1:3]
    bests = [
        least({method: value(one) for method, one in scores.items()})
        for _, value, _ in columns[:-1]
    ]
    head = ["method", "time a field", "times DIS", *(title for title, _, _ in columns)]
    quick = least({method: paces[method] for method in scores})
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
        rows.append(_row(spoken(method), cells))
    for name, one in (("no flow", still), ("true flow", true)):
        if one is not None:
            cells = [_number(value(one), form) for _, value, form in columns]
            rows.append(_row(name, map(_cell, [_NONE, _NONE, *cells]), "fs-beside"))
    return _table("How good is the flow?", head, rows)


def answers_html(found: Sequence[Answer], own: str) -> str:
    """What the network says under each method; an answer that differs is marked."""
    kept = next(one.said for one in found if one.method == own)
    astray = any(one.said != kept for one in found)
    head = ["flow of", "it says", "P"]
    head += [f"P of “{kept}”"] if astray else []
    head += [f"motion’s part in the score of “{kept}”"]  # noqa: RUF001
    rows = []
    for one in found:
        cells = [_cell(one.said, kind="fs-words" + (" fs-other" if one.said != kept else ""))]
        cells += [_cell(f"{one.p:.2f}")]
        cells += [_cell(f"{one.kept:.2f}")] if astray else []
        rows.append(_row(_named(one.method, own), [*cells, _cell(signed(one.motion))]))
    return _table("Does the answer depend on it?", head, rows)


def _named(method: str, own: str) -> str:
    name = "true flow" if method == "true" else spoken(method)
    return f"{name}, its own" if method == own else name


def _table(caption: str, head: Sequence[str], rows: Sequence[str]) -> str:
    titles = "".join(
        f'<th scope="col"{_WORDS if title == "it says" else ""}>{escape(title)}</th>'
        for title in head
    )
    return (
        f'<div class="fs-flows fs-motion" tabindex="0"><table><caption>{escape(caption)}</caption>'
        f"<thead><tr>{titles}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _row(name: str, cells: Sequence[str] | map[str], kind: str = "") -> str:
    return f'<tr class="{kind}"><th scope="row">{escape(name)}</th>{"".join(cells)}</tr>'


def _cell(text: str, best: bool = False, kind: str = "") -> str:
    kind = f"{kind} fs-best".strip() if best else kind
    title = ' title="the best of these"' if best else ""
    return f'<td class="{kind}"{title}>{escape(text)}</td>'


def _number(value: float | None, form: str) -> str:
    if value is None or value != value:
        return _NONE
    return "under 0.1%" if form == _SHARE and 0 < value < 0.001 else form.format(value)


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.0f} ms" if seconds < 0.995 else f"{seconds:.1f} s"
