"""Export: predictions files as a data set that FiftyOne imports."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fusionscope.base import paths
from fusionscope_app.cli.shell import AsJson, cli, print_json


@cli.command("export-fiftyone")
def export_fiftyone(
    files: Annotated[list[Path], typer.Argument(help="Predictions files, .csv or .parquet.")],
    out: Annotated[Path, typer.Option(help="The folder to write samples.json into.")],
    videos: Annotated[
        Path | None,
        typer.Option(help="Folder that the column path is relative to; default: the data folder."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write predictions as classifications that FiftyOne imports, one field for each head.

    fiftyone.Dataset.from_dir(dataset_dir=OUT, dataset_type=fiftyone.types.FiftyOneDataset) reads
    the folder; import-scores reads OUT/samples.json back.
    """
    from fusionscope.evaluation.predictions_file import joined, read_predictions
    from fusionscope.evaluation.scores.fiftyone_export import write_fiftyone

    found = joined(*(read_predictions(file) for file in files))
    root = (videos or paths.data_folder()).expanduser().absolute()
    count = write_fiftyone(found, out, root)
    told = {"n": count, "heads": [": ".join(pair) for pair in found.heads], "out": str(out)}
    if as_json:
        print_json(told)
        return
    print(f"{count} clips with {len(found.heads)} heads written to {out / 'samples.json'}")
