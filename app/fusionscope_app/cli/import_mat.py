"""Import: convert the authors' MatConvNet files to networks of this app."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fusionscope_app.cli.shell import AsJson, cli, print_json


@cli.command("import-mat")
def import_mat(
    files: Annotated[
        list[Path],
        typer.Argument(help="One network, or a spatial and a temporal stream to average."),
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the weights and the card; default: your models folder."),
    ] = None,
    name: Annotated[str, typer.Option(help="Name of the network; default: from the files.")] = "",
    labels: Annotated[
        Path | None,
        typer.Option(help="Text file with one class per line, as UCF101's classInd.txt."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Import the authors' MatConvNet files: single streams or a fused network."""
    from fusionscope.base.paths import models_folder
    from fusionscope.nets.matconvnet.importer import import_mat as read

    folder = out or models_folder()
    card, notes = read(files, folder, name, labels)
    notes += () if labels else ("the classes are numbered: name them with --labels",)
    weights = folder / f"{card.name}.safetensors"
    if as_json:
        print_json(
            {
                "model": card.name,
                "backbone": card.backbone,
                "fusion": card.fusion,
                "place": card.place or None,
                "temporal": card.pool,
                "heads": list(card.heads),
                "labels": list(card.labels),
                "parameters": card.parameters,
                "sha256": card.sha256,
                "weights": str(weights),
                "card": str(weights.with_suffix(".json")),
                "notes": list(notes),
            }
        )
        return
    fusion = f"{card.fusion} at {card.place}" if card.fusion else "none"
    print(
        f"{card.name}: {card.backbone}, fusion {fusion}, heads {', '.join(card.heads)}, "
        f"{len(card.labels)} classes, {card.parameters:,} parameters"
    )
    print(f"written to {weights}")
    for note in notes:
        print(f"note: {note}")
