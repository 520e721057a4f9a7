"""Describe: print parameter counts and map sizes of a network."""

from __future__ import annotations

from typing import Annotated

import typer

from fusionscope.base.records import InputError
from fusionscope_app.cli.shell import AsJson, cli, print_json


@cli.command()
def describe(
    spatial: Annotated[str, typer.Option(help="Tower of the spatial stream.")] = "vgg-m-2048",
    temporal: Annotated[str, typer.Option(help="Tower of the temporal stream.")] = "vgg-m-2048",
    fusion: Annotated[
        str, typer.Option(help="Operator, such as sum, max, cat, conv, conv3d or bilinear.")
    ] = "conv",
    at: Annotated[
        str,
        typer.Option(
            help="Place of fusion: relu2 ... relu5, fc6, fc7, fc8, softmax; join several by +."
        ),
    ] = "relu5",
    pool: Annotated[
        str, typer.Option(help="2d: average predictions over chunks; 3d: max-pool features.")
    ] = "2d",
    classes: Annotated[int, typer.Option(min=2, max=100_000, help="Number of classes.")] = 101,
    keep_temporal: Annotated[
        bool, typer.Option("--keep-temporal", help="Keep the temporal tower and its head.")
    ] = False,
    table: Annotated[
        bool, typer.Option("--table", help="Print the paper's Tables 1, 2 and 4.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Print parameter counts and map sizes of a network, or the paper's tables."""
    from fusionscope.card import Card
    from fusionscope.nets.inspect.paper_tables import paper_tables, table_line
    from fusionscope.nets.inspect.sizes import describe as count
    from fusionscope.nets.store.catalogue import cards

    if table:
        rows, note = paper_tables(cards().values())
        if as_json:
            print_json({"rows": rows, "note": note})
        else:
            print("\n".join([*map(table_line, rows), note]))
        return
    if pool not in ("2d", "3d"):
        raise InputError(f"unknown pooling {pool!r}; choose 2d or 3d")
    labels = tuple(f"class {k}" for k in range(classes))
    card = Card(
        "described",
        "described",
        labels,
        spatial,
        temporal,
        fusion,
        place=at,
        pool=pool,
        keep_temporal=keep_temporal,
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
