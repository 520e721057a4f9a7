"""Slices: accuracy, gain and interaction of predictions files in parts of the data set."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fusionscope.base.numbers import plain, signed
from fusionscope.base.records import InputError, percent
from fusionscope_app.cli.shell import AsJson, cli, print_json

if TYPE_CHECKING:
    from fusionscope.evaluation.slices.compare_slices import Slice


@cli.command()
def slices(
    files: Annotated[list[Path], typer.Argument(help="Predictions files, .csv or .parquet.")],
    columns: Annotated[
        str, typer.Option(help="Columns separated by commas, such as camera,view; default: all.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Measure parts of a data set by any column: accuracy, gain of fusion, interaction.

    The appearance, motion and fused heads are chosen as on page Errors. p-values are corrected for
    the number of slices of all columns of the files, printed or not.
    """
    from fusionscope.evaluation.head_trial import align_heads, heads_by_role
    from fusionscope.evaluation.predictions_file import joined, read_predictions
    from fusionscope.evaluation.slices.compare_slices import compare_slices
    from fusionscope.evaluation.slices.slice_words import findings, method_words, record_of

    found = joined(*(read_predictions(file) for file in files))
    cast = {role: pair for role, pair in heads_by_role(found).items() if pair}
    trial = align_heads(**{role: found.heads[pair] for role, pair in cast.items()})
    compared = compare_slices(trial)
    there = list(dict.fromkeys(one.column for one in compared))
    wanted = [name.strip() for name in columns.split(",") if name.strip()]
    if not there:
        raise InputError(
            "the files have no column that describes their clips; needed: one such as camera, "
            "view or length"
        )
    if unknown := [name for name in wanted if name not in there]:
        raise InputError(
            f"there is no column {unknown[0]!r} to slice by; choose of {', '.join(there)}"
        )
    shown = [one for one in compared if one.column in (wanted or there)]
    told = {
        "n": len(trial.labels),
        "heads": {role: ": ".join(pair) for role, pair in cast.items()},
        "better": trial.better,
        "columns": there,
        "compared": len(compared),
        "slices": [record_of(one) for one in shown],
    }
    if as_json:
        print_json(told)
        return
    print(f"{told['n']} clips; fused: {told['heads']['fused']}; better stream: {trial.better}")
    for one in shown:
        print(_line(one))
    print(findings(compared, "accuracy").replace("*", ""))
    print(method_words(by_groups=bool(trial.groups)))


def _line(one: Slice) -> str:
    right, gain = one.measures["accuracy"], one.measures["gain"]
    span, p = "", ""
    if right.inside.low == right.inside.low:
        span = f"({percent(right.inside.low)} to {percent(right.inside.high)})"
    if right.p == right.p:
        p = f"corrected p {right.corrected:.2g}"
    synergy = one.measures.get("synergy")
    term = f"  interaction {plain(synergy.inside.mean, 2):>6}" if synergy else ""
    return (
        f"  {one.name:<32} {len(one.rows):>6} clips  {percent(right.inside.mean, 1):>7} {span:<15}"
        f"  gain {signed(100 * gain.inside.mean):>6}{term}  {p}"
    )
