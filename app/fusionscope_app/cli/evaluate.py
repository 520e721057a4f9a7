"""Evaluate: measure a network on a data set."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fusionscope.base.records import InputError, percent
from fusionscope.data.kinds import KINDS, SPLITS
from fusionscope_app.cli.data_sets.clip_work import default_jobs, opened_data, shown_progress
from fusionscope_app.cli.pointing import measure_pointing
from fusionscope_app.cli.shell import AsJson, cli, print_json

if TYPE_CHECKING:
    from fusionscope.evaluation.evaluate import Evaluation


@cli.command()
def evaluate(
    model: Annotated[str, typer.Option(help="A network listed by `fusionscope models`.")],
    root: Annotated[
        Path | None,
        typer.Option(help="Folder of the data set; not needed for toybox, nor with --prepared."),
    ] = None,
    data: Annotated[
        str,
        typer.Option(help=f"{', '.join(KINDS)}; with --attributions also toybox. [default: jhmdb]"),
    ] = "",
    fold: Annotated[
        str, typer.Option(help="A fold, or all; for ucf101 and hmdb51: test or train.")
    ] = "",
    split: Annotated[int, typer.Option(help="Split of ucf101 and hmdb51: 1, 2 or 3.")] = 1,
    protocol: Annotated[
        str,
        typer.Option(help="fast: one run per clip; dense: the paper's, 20 runs, also mirrored."),
    ] = "fast",
    out: Annotated[
        Path | None,
        typer.Option(
            help="Write a predictions file, .csv or .parquet, for the Errors page; with "
            "--attributions, add the results to this .csv table."
        ),
    ] = None,
    attributions: Annotated[
        str,
        typer.Option(help="Measure how this method's maps overlap with the actor; needs masks."),
    ] = "",
    clips_at_most: Annotated[
        int,
        typer.Option(
            "--clips", help="With --attributions: number of clips, evenly spaced; 0: all."
        ),
    ] = 0,
    prepared: Annotated[
        Path | None,
        typer.Option(help="Read clips from this folder, which `fusionscope prepare` made."),
    ] = None,
    jobs: Annotated[
        int,
        typer.Option(min=0, help="Number of processes, each with one core; 0: by cores and clips."),
    ] = 0,
    ray: Annotated[
        str, typer.Option(help="Use a Ray cluster instead: auto, or its address HOST:PORT.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Measure the accuracy of a network on a data set. Unreadable clips are skipped and listed.

    With --out, results are kept in OUT.parts as they come, and an interrupted evaluation is
    resumed.
    """
    if attributions:
        data = data or "jhmdb"
        measure_pointing(
            model,
            attributions,
            data,
            root,
            fold,
            clips_at_most,
            out=out,
            as_json=as_json,
        )
        return
    from fusionscope.base.atomic_file import check_writable
    from fusionscope.evaluation.evaluate import evaluate as measure
    from fusionscope.evaluation.evaluate import remove_parts
    from fusionscope.evaluation.predictions_file import write_predictions
    from fusionscope.evaluation.table_file import check_ending
    from fusionscope.nets.store.catalogue import card_named
    from fusionscope.nets.store.loading import load_network

    if out is not None:
        check_ending(out.name)
        check_writable(out)
    clips, store = opened_data(data, root, split, prepared)
    fold = fold or ("test" if clips.name in SPLITS else "all")
    clips = clips if fold == "all" else clips.of((fold,))
    network = load_network(card_named(model))
    if jobs and ray:
        raise InputError("--jobs and --ray are both given; needed: one of them")
    with shown_progress(as_json=as_json) as progress:
        found = measure(
            network,
            clips,
            protocol=protocol,
            explain=out is not None,
            store=store,
            jobs=None if ray else jobs or default_jobs(len(clips.items)),
            ray=ray,
            parts=out,
            progress=progress,
        )
    if out is not None:
        write_predictions(found.predictions, out)
        remove_parts(out)
    result = {
        "model": model,
        "data": clips.name,
        "fold": fold,
        "protocol": protocol,
        **_measured(found),
        "errors": {**clips.problems, **found.problems},
        "notes": dict(found.notes),
        "seconds": round(found.seconds, 1),
    }
    if as_json:
        print_json(result)
        return
    _print(result)
    if out is not None:
        print(f"predictions written to {out}")


def _measured(found: Evaluation) -> dict[str, Any]:
    """Compute the statistics of all heads; the last head is the final prediction."""
    from fusionscope.evaluation.statistics import confusion, interval, per_class, reliability

    heads = found.heads
    *_, final = heads.values()
    spans = {head: interval(one.right, one.groups) for head, one in heads.items()}
    shares = per_class(final)
    return {
        "n": len(final.clips),
        "accuracy": {head: span.mean for head, span in spans.items()},
        "interval": {head: [span.low, span.high] for head, span in spans.items()},
        "per_class": {
            label: float(share)
            for label, share in zip(final.classes, shares, strict=True)
            if share == share
        },
        "confusion": confusion(final).tolist(),
        "labels": list(final.classes),
        "calibration_error": {head: reliability(one).error for head, one in heads.items()},
    }


def _print(result: dict[str, Any]) -> None:
    """Print each head's accuracy with its interval, the classes from best to worst, and errors."""
    print(
        f"{result['model']} on {result['n']} clips of {result['data']}, fold {result['fold']}, "
        f"{result['protocol']} protocol, {result['seconds']:.0f} s"
    )
    for head, share in result["accuracy"].items():
        low, high = result["interval"][head]
        error = result["calibration_error"][head]
        print(
            f"  {head:<15} {percent(share, 1):>7}  "
            f"(95 %: {percent(low, 1)} to {percent(high, 1)}, by groups)  "
            f"calibration error {error:.3f}"
        )
    ranked = sorted(result["per_class"].items(), key=lambda pair: -pair[1])
    print("  " + "  ".join(f"{label} {percent(share)}" for label, share in ranked))
    for clip, note in result["notes"].items():
        print(f"  {clip}: {note}", file=sys.stderr)
    for clip, problem in result["errors"].items():
        print(f"  {clip} is skipped: {problem}", file=sys.stderr)
