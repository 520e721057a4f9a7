"""Describe: a network counted without building it."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.shell import AsJson, cli, print_json
from core.records import InputError


@cli.command()
def describe(
    spatial: Annotated[str, typer.Option(help="Tower of the spatial stream.")] = "vgg-m-2048",
    temporal: Annotated[str, typer.Option(help="Tower of the temporal stream.")] = "vgg-m-2048",
    fusion: Annotated[str, typer.Option(help="sum, max, cat, conv, conv3d, bilinear.")] = "conv",
    at: Annotated[
        str, typer.Option(help="relu2 ... relu5, fc6, fc7, fc8, softmax; join by +.")
    ] = "relu5",
    pool: Annotated[
        str, typer.Option(help="2d: predictions averaged; 3d: max over chunks.")
    ] = "2d",
    classes: Annotated[int, typer.Option(min=2, max=100_000, help="How many.")] = 101,
    keep_temporal: Annotated[
        bool, typer.Option("--keep-temporal", help="Keep the temporal tower and its head.")
    ] = False,
    table: Annotated[bool, typer.Option("--table", help="The paper's Tables 1, 2 and 4.")] = False,
    as_json: AsJson = False,
) -> None:
    """Count a network's weights and shapes without building it, or the paper's tables."""
    from core.card import Card
    from core.nets.describe import describe as count
    from core.nets.published import paper_tables, table_line
    from core.nets.zoo import cards

    if table:
        rows, note = paper_tables(cards().values())
        if as_json:
            print_json({"rows": rows, "note": note})
        else:
            print("\n".join([*map(table_line, rows), note]))
        return
    if pool not in ("2d", "3d"):
        raise InputError(f"there is no pooling {pool!r}; choose 2d or 3d")
    labels = tuple(f"class {k}" for k in range(classes))
    card = Card(
        "described", "described", labels, spatial, temporal, fusion, at, "", pool, keep_temporal
    )
    found = count(card)
    if as_json:
        print_json({"parameters": found.parameters, "parts": found.parts, "shapes": found.shapes})
        return
    print(f"{found.parameters:,} parameters; heads: {', '.join(card.heads)}")
    for name, shape in found.shapes.items():
        weights = found.parts.get(name, 0)
        print(f"  {name:<18} {' x '.join(map(str, shape)):<22} {weights:>12,}")
    for name, weights in found.parts.items():
        if name not in found.shapes:
            print(f"  {name:<18} {'':<22} {weights:>12,}")
