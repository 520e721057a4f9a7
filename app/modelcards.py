"""Model cards: a network's card, the check of one and the paper's tables as HTML, all escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from app.palette import HEADS
from core.card import Card
from core.check import BROKEN, LACKS, Line
from core.doctor import LACKS as ABSENT
from core.doctor import WRONG, Finding
from core.nets.zoo import Found

_RULES = """
.fs-card h3 { margin: 0; padding: 0; font-size: 1.35rem; font-weight: 600; line-height: 1.25; }
.fs-card p { margin: 0.25rem 0 1rem; line-height: 1.45; }
.fs-head { display: grid; grid-template-columns: 7.5em minmax(0, 1fr) 3.6em; gap: 0.75em;
  align-items: center; line-height: 2; }
.fs-head b { text-align: right; font-variant-numeric: tabular-nums; }
.fs-track { position: relative; height: 0.9em; background: color-mix(in srgb, currentColor 9%,
  transparent); }
.fs-track i { display: block; height: 100%; background: var(--fs-c); width: calc(var(--p) * 100%); }
.fs-track u { position: absolute; top: -0.25em; bottom: -0.25em; width: 2px; margin-left: -1px;
  background: currentColor; left: calc(var(--p) * 100%); }
.fs-track s { position: absolute; top: 50%; width: 0.42em; height: 0.42em; border-radius: 50%;
  margin: -0.21em 0 0 -0.21em; background: currentColor; left: calc(var(--p) * 100%); }
.fs-key { font-size: 0.87rem; opacity: 0.8; margin: 0.2rem 0 0; }
.fs-facts { display: grid; grid-template-columns: 7.5em minmax(0, 1fr); gap: 0.1rem 0.75em;
  margin: 1rem 0 0; font-size: 0.93rem; line-height: 1.5; }
.fs-facts span { overflow-wrap: anywhere; }
.fs-facts span:nth-child(odd) { opacity: 0.75; }
.fs-checks { display: grid; grid-template-columns: max-content max-content minmax(0, 1fr);
  gap: 0.1rem 1.2em; font-size: 0.93rem; line-height: 1.5; }
.fs-checks span { overflow-wrap: anywhere; }
.fs-broken { font-weight: 600; color: light-dark(#A4262C, #FF9A9A); }
.fs-lacks { opacity: 0.75; }
.fs-scroll { overflow-x: auto; }
.fs-paper { border-collapse: collapse; width: 100%; min-width: 46rem; font-size: 0.93rem; }
.fs-paper th, .fs-paper td { text-align: right; padding: 0.22rem 0.7rem; border: 0;
  font-variant-numeric: tabular-nums; white-space: nowrap; font-weight: 400; }
.fs-paper thead th { opacity: 0.75; vertical-align: bottom; white-space: normal; }
.fs-paper th:first-child, .fs-paper td:first-child, .fs-paper th:nth-child(2),
.fs-paper td:nth-child(2) { text-align: left; padding-left: 0; }
.fs-paper tbody + tbody::before { content: ""; display: block; height: 0.9rem; }
.fs-paper tbody th { font-weight: 600; text-align: left; padding-left: 0; }
.fs-paper td.fs-best { font-weight: 600; }
.fs-paper td:last-child, .fs-paper th:last-child { padding-right: 0.2rem; }
@media (max-width: 640px) { .fs-head { grid-template-columns: 6.6em minmax(0, 1fr) 3.4em; }
  .fs-checks { grid-template-columns: 1fr max-content; }
  .fs-checks span:nth-child(3n) { grid-column: 1 / -1; opacity: 0.8; margin-bottom: 0.4rem; } }
"""
STYLE = f"<style>{_RULES}</style>"

_POOLS = {"2d": "predictions averaged over the chunks", "3d": "features max-pooled over the chunks"}
_TABLES = {
    1: "Table 1: how to fuse",
    2: "Table 2: where to fuse",
    4: "Table 4: how to fuse over time",
}


def overview(one: Found) -> dict[str, Any]:
    """A network's row in the list of all."""
    card = one.card
    if card is None:
        raise ValueError(f"expected a network that can be used, got {one.name}")
    accuracy, ceiling = card.final
    return {
        "network": f"{card.title} (yours)" if one.origin else card.title,
        "accuracy": None if accuracy is None else round(100 * accuracy, 1),
        "ceiling": None if ceiling is None else round(100 * ceiling, 1),
        "fusion": card.fusion or "\N{EN DASH}",
        "after": card.place or "\N{EN DASH}",
        "pooling": card.pool,
    }


def made_of(card: Card) -> str:
    """What a network is built of, in a sentence."""
    kept = ", motion kept to a head of its own" if card.places and card.keep_temporal else ""
    pool = _POOLS.get(card.pool, card.pool)
    if card.places:
        met = f"{card.fusion} fusion after {', '.join(card.places)}{kept}"
    elif card.spatial and card.temporal:
        met = "the streams meet at the prediction only"
    else:
        met = f"{'appearance' if card.spatial else 'motion'} alone"
    return f"{card.backbone}: {met}; {pool}."


def card_html(one: Found) -> str:
    """A network's card: what it is, how good it is against what it can know, where it is from."""
    card = one.card
    if card is None:
        return ""
    facts = {
        "sees": f"{card.chunks} chunks of a frame and {card.stack} flow fields, {card.size} pixels",
        "flow": card.flow,
        "parameters": f"{card.parameters:,}" if card.parameters else "",
        "classes": f"{len(card.labels)}: {', '.join(card.labels[:3])}"
        + (" …" if len(card.labels) > 3 else ""),
        "data": card.data,
        "recipe": card.recipe,
        "seed": "" if card.seed is None else str(card.seed),
        "licence": card.licence,
        "origin": one.origin or "comes with fusionscope",
        "sha256": card.sha256[:16],
    }
    shown = "".join(f"<span>{k}</span><span>{escape(v)}</span>" for k, v in facts.items() if v)
    return (
        f'<div class="fs-card"><h3>{escape(card.title)}</h3><p>{escape(made_of(card))}</p>'
        f'{_accuracy(card)}<div class="fs-facts">{shown}</div></div>'
    )


def _accuracy(card: Card) -> str:
    if not card.accuracy:
        return '<p class="fs-key">Its accuracy is not known.</p>'
    ceiling, seeds, rows = dict(card.ceiling), dict(card.by_seed), []
    for head, share in card.accuracy:
        marks = [f'<i style="--p:{share:.4f}"></i>']
        if head in ceiling:
            marks.append(f'<u style="--p:{ceiling[head]:.4f}"></u>')
        marks += [f'<s style="--p:{one:.4f}"></s>' for one in seeds.get(head, ())]
        rows.append(
            f'<div class="fs-head fs-{HEADS.get(head, "fused")}"><span>{escape(head)}</span>'
            f'<div class="fs-track">{"".join(marks)}</div><b>{share:.1%}</b></div>'
        )
    said = ["Bar: share of unseen clips named rightly."]
    if ceiling:
        limits = ", ".join(f"{escape(head)} {limit:.1%}" for head, limit in card.ceiling)
        said.append(f"Line: the most that anything can reach with what it knows ({limits}).")
    if seeds:
        spread = ", ".join(
            f"{escape(head)} {min(of):.1%} to {max(of):.1%}" for head, of in card.by_seed if of
        )
        said.append(f"Dots: {max(map(len, seeds.values()))} seeds ({spread}).")
    return f'{"".join(rows)}<p class="fs-key">{" ".join(said)}</p>'


def checks_html(lines: Sequence[Line | Finding]) -> str:
    """What works with a network, or is there on a machine, line by line."""
    marks = {BROKEN: "fs-broken", WRONG: "fs-broken", LACKS: "fs-lacks", ABSENT: "fs-lacks"}
    shown = "".join(
        f'<span>{escape(line.name)}</span><span class="{marks.get(line.verdict, "")}">'
        f"{escape(line.verdict)}</span><span>{escape(line.detail)}</span>"
        for line in lines
    )
    return f'<div class="fs-checks">{shown}</div>'


def broken_html(listed: Sequence[Found]) -> str:
    """What is wrong with the networks that cannot be used."""
    shown = "".join(
        f'<span>{escape(one.name)}</span><span class="fs-broken">cannot be used</span>'
        f"<span>{escape(one.problem)} ({escape(one.origin or 'comes with fusionscope')})</span>"
        for one in listed
    )
    return f'<div class="fs-checks">{shown}</div>'


def tables_html(rows: Sequence[Mapping[str, Any]]) -> str:
    """The paper's tables, our counts and Toybox's figures beside them."""
    bodies = []
    for number, title in _TABLES.items():
        lines = [row for row in rows if row["table"] == number]
        best = max(row["accuracy"] for row in lines)
        shown = "".join(_row(row, row["accuracy"] == best) for row in lines)
        bodies.append(f'<tbody><tr><th colspan="8">{title}</th></tr>{shown}</tbody>')
    heads = ("fusion", "after", "UCF101", "HMDB51", "parameters, published", "counted", "Toybox")
    shown = "".join(f"<th>{head}</th>" for head in (*heads, "its ceiling"))
    return (
        f'<div class="fs-scroll"><table class="fs-paper"><thead><tr>{shown}</tr></thead>'
        f"{''.join(bodies)}</table></div>"
    )


def _row(row: Mapping[str, Any], best: bool) -> str:
    toy = row["toybox"] or {"accuracy": None, "ceiling": None}
    method = row["method"] + (f", {row['pool']} pooling" if row["table"] == 4 else "")
    cells = (
        row["place"],
        f"{row['accuracy']:.2f} %",
        "" if row["hmdb51"] is None else f"{row['hmdb51']:.2f} %",
        row["parameters"] or "\N{EN DASH}",
        f"{row['counted'] / 1e6:.2f}M",
        _percent(toy["accuracy"]),
        _percent(toy["ceiling"]),
    )
    marks = ["", ' class="fs-best"' if best else ""] + [""] * 5
    shown = "".join(f"<td{mark}>{escape(c)}</td>" for mark, c in zip(marks, cells, strict=True))
    return f"<tr><td>{escape(method)}</td>{shown}</tr>"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share * 100:.1f} %"
