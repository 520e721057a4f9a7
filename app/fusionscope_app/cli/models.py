"""Models: list the networks, or check one."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fusionscope.base.records import InputError, percent
from fusionscope_app.cli.shell import AsJson, cli, print_json

if TYPE_CHECKING:
    from fusionscope.card import Card


@cli.command()
def models(
    check: Annotated[
        str,
        typer.Option(
            "--check", metavar="NAME", help="Check which features work with this network."
        ),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """List all networks, including your own, or check one."""
    from fusionscope.nets.store.catalogue import networks

    if check:
        _check(check, as_json)
        return
    listed = networks()
    rows = [_row(one.card) for one in listed if one.card]
    yours = {one.name: one.origin for one in listed if one.card and one.origin}
    broken = [
        {"name": one.name, "origin": one.origin, "problem": one.problem}
        for one in listed
        if one.card is None
    ]
    if as_json:
        print_json({"models": rows, "yours": yours, "broken": broken})
        return
    for row in rows:
        fusion = f"{row['fusion']} at {row['place']}" if row["fusion"] else "none"
        figures = ", ".join(
            f"{head} {percent(share, 1)}" for head, share in row["accuracy"].items()
        )
        print(
            f"{row['name']:<18} {row['backbone']:<12} fusion {fusion:<16} "
            f"pooling {row['temporal']} {row['parameters']:>11,} parameters  {figures} "
            f"({yours.get(row['name']) or row['data']})"
        )
    for one in broken:
        print(f"{one['name']:<18} cannot be used: {one['problem']} ({one['origin'] or 'shipped'})")


def _row(card: Card) -> dict[str, Any]:
    return {
        "name": card.name,
        "backbone": card.backbone,
        "fusion": card.fusion,
        "place": card.place or None,
        "temporal": card.pool,
        "heads": list(card.heads),
        "labels": list(card.labels),
        "parameters": card.parameters,
        "data": card.data,
        "accuracy": dict(card.accuracy),
        "sha256": card.sha256,
    }


def _check(name: str, as_json: bool) -> None:
    """Print the check of a network; failures are also printed to standard error."""
    from fusionscope.diagnostics.network_check import BROKEN, check_model
    from fusionscope.nets.store.catalogue import card_named

    lines = check_model(card_named(name))
    broken = [line.name for line in lines if line.verdict == BROKEN]
    if as_json:
        print_json({"model": name, "ok": not broken, "checks": [*map(dataclasses.asdict, lines)]})
    else:
        for line in lines:
            print(f"{line.name:<20} {line.verdict:<12} {line.detail}")
    if broken:
        raise InputError(f"{name} failed these checks: {', '.join(broken)}")
