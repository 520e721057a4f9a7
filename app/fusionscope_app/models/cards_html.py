"""Network cards, check results and the tables of the paper as HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fusionscope.base.numbers import together
from fusionscope.card import Card
from fusionscope.diagnostics.machine_check import LACKS as ABSENT
from fusionscope.diagnostics.machine_check import WRONG, Finding
from fusionscope.diagnostics.network_check import BROKEN, LACKS, Line
from fusionscope.nets.inspect.ceiling_words import above_ceiling
from fusionscope.nets.store.catalogue import CatalogueEntry
from fusionscope.video.flow.methods import TITLES
from fusionscope_app.markup.templates import html
from fusionscope_app.state.results import yours
from fusionscope_app.theme.palette import HEADS

_CARD = """\
<div class="fs-card"><h3>{{ title }}</h3><p>{{ made_of }}</p>
{%- for head, colour, share, ceiling, seeds in heads -%}
<div class="fs-head fs-{{ colour }}"><span>{{ head }}</span>
<div class="fs-track"><i style="--p:{{ "%.4f" % share }}"></i>
{%- if ceiling is not none %}<u style="--p:{{ "%.4f" % ceiling }}"></u>{% endif -%}
{%- for one in seeds %}<s style="--p:{{ "%.4f" % one }}"></s>{% endfor -%}
</div><b>{{ "%.1f" % (100 * share) }} %</b></div>
{%- endfor -%}
<p class="fs-key">{{ key }}</p><dl class="fs-facts">
{%- for name, value in facts.items() if value %}<dt>{{ name }}</dt><dd>{{ value }}</dd>
{%- endfor -%}
</dl></div>"""
_CHECKS = """\
<div class="fs-checks">
{%- for name, mark, verdict, detail in lines -%}
<span>{{ name }}</span><span class="{{ mark }}">{{ verdict }}</span><span>{{ detail }}</span>
{%- endfor -%}
</div>"""
_PAPER = """\
<div class="fs-scroll" tabindex="0"><table class="fs-paper">
<caption class="fs-unseen">The paper's tables, with our parameters and Toybox</caption><thead><tr>
{%- for head in heads %}<th scope="col">{{ head }}</th>{% endfor -%}
</tr></thead>
{%- for title, rows in tables -%}
<tbody><tr><th colspan="8" scope="rowgroup">{{ title }}</th></tr>
{%- for best, cells in rows -%}
<tr>
{%- for cell in cells -%}
<td{% if best and loop.index0 == 2 %} class="fs-best"{% endif %}>{{ cell }}</td>
{%- endfor -%}
</tr>
{%- endfor -%}
</tbody>
{%- endfor -%}
</table></div>"""

_PEAK = "maximum over cells, averaged over the chunks"
_POOLS = {"2d": "predictions averaged over the chunks", "3d": "features max-pooled over the chunks"}
_TABLES = {
    1: "Table 1: how to fuse",
    2: "Table 2: where to fuse",
    4: "Table 4: how to fuse over time",
}


def overview(one: CatalogueEntry) -> dict[str, Any]:
    """The row of a network in the list of networks."""
    card = one.card
    if card is None:
        raise ValueError(f"expected a usable network, got {one.name}")
    accuracy, ceiling = card.final
    return {
        "network": yours(one),
        "accuracy": None if accuracy is None else round(100 * accuracy, 1),
        "ceiling": None if ceiling is None else round(100 * ceiling, 1),
        "fusion": card.fusion or "\N{EN DASH}",
        "fused after": card.place or "\N{EN DASH}",
        "pooling": card.pool.upper(),
    }


def made_of(card: Card) -> str:
    """The structure of a network in a sentence."""
    kept = ", the temporal stream keeps its own head" if card.places and card.keep_temporal else ""
    pool = _PEAK if card.classifier == "peak" else _POOLS.get(card.pool, card.pool)
    if card.places:
        met = f"{card.fusion} fusion after {', '.join(card.places)}{kept}"
    elif len(card.streams) == 1:
        met = f"{'appearance' if card.spatial else 'motion'} stream only"
    else:
        met = "the predictions of the streams are averaged"
    return f"{card.backbone}: {met}; {pool}."


def card_html(one: CatalogueEntry) -> str:
    """The card of a network: structure, accuracy and ceiling, origin."""
    card = one.card
    if card is None:
        return ""
    facts = {
        "input": f"{card.chunks} chunks of one frame and {card.stack} flow fields, {card.size} px",
        "flow": TITLES.get(card.flow, card.flow),
        "parameters": f"{card.parameters:,}" if card.parameters else "",
        "classes": f"{len(card.labels)}: {'; '.join(map(together, card.labels[:3]))}"
        + ("; …" if len(card.labels) > 3 else ""),
        "data": card.data,
        "recipe": card.recipe,
        "seed": "" if card.seed is None else str(card.seed),
        "licence": card.licence,
        "origin": one.origin or "included in fusionscope",
        "sha256": card.sha256[:16],
    }
    ceiling, seeds = dict(card.ceiling), dict(card.by_seed)
    heads = [
        (head, HEADS.get(head, "fused"), share, ceiling.get(head), seeds.get(head, ()))
        for head, share in card.accuracy
    ]
    return html(
        _CARD, title=card.title, made_of=made_of(card), heads=heads, key=_key(card), facts=facts
    )


def _key(card: Card) -> str:
    """The legend of the accuracy bars."""
    if not card.accuracy:
        return "Accuracy unknown."
    parts = ["Bar: accuracy on unseen clips."]
    if card.ceiling:
        limits = ", ".join(f"{head} {_percent(limit)}" for head, limit in card.ceiling)
        parts.append(f"Line: the best possible accuracy with these inputs ({limits}).")
        ceiling = dict(card.ceiling)
        for head, share in card.accuracy:
            if above := above_ceiling(share, ceiling.get(head), card.tested):
                parts.append(
                    f"The {head} head is {above}.".replace("The average head", "The average")
                )
    if card.by_seed:
        spread = ", ".join(
            f"{head} {_percent(min(of))} to {_percent(max(of))}" for head, of in card.by_seed if of
        )
        seeds = max(len(of) for _, of in card.by_seed)
        parts.append(f"Dots: {seeds} seeds ({spread}).")
    return " ".join(parts)


def checks_html(lines: Sequence[Line | Finding]) -> str:
    """The results of a check of a network or a machine, a line each."""
    marks = {BROKEN: "fs-broken", WRONG: "fs-broken", LACKS: "fs-lacks", ABSENT: "fs-lacks"}
    shown = [(one.name, marks.get(one.verdict, ""), one.verdict, one.detail) for one in lines]
    return html(_CHECKS, lines=shown)


def broken_html(listed: Sequence[CatalogueEntry]) -> str:
    """The networks that cannot be used, with the reasons."""
    shown = [
        (
            *(one.name, "fs-broken", "cannot be used"),
            f"{one.problem} ({one.origin or 'included in fusionscope'})",
        )
        for one in listed
    ]
    return html(_CHECKS, lines=shown)


def tables_html(rows: Sequence[Mapping[str, Any]]) -> str:
    """The tables of the paper with our parameter counts and the results on Toybox."""
    tables = []
    for number, title in _TABLES.items():
        lines = [row for row in rows if row["table"] == number]
        best = max(row["accuracy"] for row in lines)
        tables.append((title, [(row["accuracy"] == best, _row(row)) for row in lines]))
    heads = (
        "fusion",
        "fused after",
        "UCF101",
        "HMDB51",
        "parameters (published)",
        "parameters (counted)",
    )
    return html(_PAPER, heads=(*heads, "Toybox", "Toybox ceiling"), tables=tables)


def _row(row: Mapping[str, Any]) -> tuple[str, ...]:
    toy = row["toybox"] or {"accuracy": None, "ceiling": None}
    method = row["method"] + (f", {row['pool'].upper()} pooling" if row["table"] == 4 else "")
    return (
        method,
        row["place"],
        f"{row['accuracy']:.2f} %",
        "" if row["hmdb51"] is None else f"{row['hmdb51']:.2f} %",
        row["parameters"] or "\N{EN DASH}",
        f"{row['counted'] / 1e6:.2f}M",
        _percent(toy["accuracy"]),
        _percent(toy["ceiling"]),
    )


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share * 100:.1f} %"
