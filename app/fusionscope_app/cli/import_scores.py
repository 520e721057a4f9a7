"""Import: convert other programs' scores of clips to a predictions file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fusionscope.base.records import percent
from fusionscope.base.user_files import read_classes
from fusionscope_app.cli.shell import AsJson, cli, print_json


@cli.command("import-scores")
def import_scores(
    file: Annotated[
        Path,
        typer.Argument(help="NPZ, NPY, JSON or CSV, as docs/data.md describes; never a pickle."),
    ],
    out: Annotated[Path, typer.Option(help="The predictions file to write, .csv or .parquet.")],
    model: Annotated[str, typer.Option(help="Name of the network; default: the file's name.")] = "",
    classes: Annotated[
        Path | None,
        typer.Option(help="Text file with one class per line, as UCF101's classInd.txt."),
    ] = None,
    groups: Annotated[
        str,
        typer.Option(
            "--groups-from",
            "--groups",
            help="Regular expression whose first parenthesis, or whole match, is a clip's group: "
            "'v_(.*)_c\\d+' for UCF101.",
        ),
    ] = "",
    clips: Annotated[
        Path | None,
        typer.Option(help="For NPY: text file with a clip and its label in each line."),
    ] = None,
    head: Annotated[
        str, typer.Option(help="The head of a file that has only one; default: average.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Convert the scores that another program gave to clips to a predictions file."""
    from fusionscope.evaluation.faults import repeated_clips, repeated_words
    from fusionscope.evaluation.late.late_fusion import are_probabilities
    from fusionscope.evaluation.predictions_file import write_predictions
    from fusionscope.evaluation.scores.score_files import read_scores
    from fusionscope.evaluation.table_file import check_ending

    check_ending(out.name)
    found = read_scores(
        file,
        model,
        read_classes(classes) if classes else (),
        groups,
        clips=clips,
        head=head,
    )
    heads = {head: one for (_, head), one in found.heads.items()}
    write_predictions(found, out)
    one = next(iter(heads.values()))
    alike = all(each.clips == one.clips for each in heads.values())
    of_all = [*heads.values()] if alike else []  # heads on other clips are compared by the page
    result = {
        "model": one.model,
        "n": len(one.clips),
        "classes": len(found.classes),
        "groups": len(set(one.groups)),
        "accuracy": {head: float(each.right.mean()) for head, each in heads.items()},
        "probabilities": [head for head, each in heads.items() if are_probabilities(each.scores)],
        "repeated": [list(clips) for clips in repeated_clips(of_all)] if of_all else [],
        "out": str(out),
    }
    if as_json:
        print_json(result)
        return
    groups_found = f"{result['groups']} groups" if one.groups else "no groups"
    print(f"{one.model}: {result['n']} clips, {result['classes']} classes, {groups_found}")
    for head, share in result["accuracy"].items():
        noted = ", given as probabilities" if head in result["probabilities"] else ""
        print(f"  {head:<15} {percent(share, 1):>7}{noted}")
    if of_all and (fault := repeated_words(of_all)):
        print(f"  {fault}")
    print(f"predictions written to {out}")
