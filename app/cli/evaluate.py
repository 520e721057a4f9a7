"""Evaluate: a network on a data set."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.pointing import measure_pointing
from app.cli.shell import AsJson, cli, print_json
from core.records import InputError

if TYPE_CHECKING:
    from core.study.evaluation import Evaluation


@cli.command()
def evaluate(
    model: Annotated[str, typer.Option(help="A name that `fusionscope models` lists.")],
    root: Annotated[
        Path | None, typer.Option(help="Folder of the data set; toybox has none.")
    ] = None,
    data: Annotated[
        str, typer.Option(help="jhmdb, ucf101, hmdb51, folder; toybox with --attributions.")
    ] = "jhmdb",
    fold: Annotated[
        str, typer.Option(help="A fold; test or train of ucf101 and hmdb51; or all.")
    ] = "",
    split: Annotated[int, typer.Option(help="Of ucf101 and hmdb51: 1, 2, 3.")] = 1,
    protocol: Annotated[
        str, typer.Option(help="fast: one run a clip; dense: the paper's, 20 runs and mirrored.")
    ] = "fast",
    out: Annotated[
        Path | None,
        typer.Option(
            help="Predictions file, .csv or .parquet, for the page Errors; with --attributions a "
            "table, .csv, that these figures are put into."
        ),
    ] = None,
    attributions: Annotated[
        str, typer.Option(help="A method: how its maps lie on the actor, where masks are known.")
    ] = "",
    clips_at_most: Annotated[
        int, typer.Option("--clips", help="With --attributions: so many, evenly spaced.")
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """Measure a network on the clips of a data set. Clips that cannot be read are named."""
    if attributions:
        measure_pointing(
            model, attributions, data, root, fold, clips_at_most, out=out, as_json=as_json
        )
        return
    if root is None:
        raise InputError("evaluate needs --root, the folder of the data set")
    from core.nets.loading import load_network
    from core.nets.zoo import card_named
    from core.study.datasets import open_data
    from core.study.evaluation import evaluate as measure
    from core.study.predictions import write_predictions
    from core.study.table import check_ending

    if out is not None:
        check_ending(out.name)
    clips = open_data(data, root, split)
    fold = fold or ("test" if data in ("ucf101", "hmdb51") else "all")
    clips = clips if fold == "all" else clips.of((fold,))
    network = load_network(card_named(model))
    shown = sys.stderr.isatty() and not as_json

    def progress(stage: str, done: float) -> None:  # noqa: ARG001
        if shown:
            print(f"\r{done:6.1%} of {len(clips.items)} clips", end="", file=sys.stderr)

    found = measure(network, clips, protocol=protocol, explain=out is not None, progress=progress)
    if shown:
        print(file=sys.stderr)
    if out is not None:
        write_predictions(found.predictions, out)
    result = {
        "model": model,
        "data": data,
        "fold": fold,
        "protocol": protocol,
        **_measured(found),
        "errors": {**clips.problems, **found.problems},
        "seconds": round(found.seconds, 1),
    }
    if as_json:
        print_json(result)
        return
    _print(result)
    if out is not None:
        print(f"predictions written to {out}")


def _measured(found: Evaluation) -> dict[str, Any]:
    """What the heads' answers add up to; the last head is what the network says in the end."""
    from core.study.errors import confusion, interval, per_class, reliability

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
    """For people: each head with its interval, the classes from best to worst, what is wrong."""
    print(
        f"{result['model']} on {result['n']} clips of {result['data']}, fold {result['fold']}, "
        f"{result['protocol']} protocol, {result['seconds']:.0f} s"
    )
    for head, share in result["accuracy"].items():
        low, high = result["interval"][head]
        error = result["calibration_error"][head]
        print(
            f"  {head:<15} {share:6.1%}  (95 %: {low:.1%} to {high:.1%}, over groups)  "
            f"calibration error {error:.3f}"
        )
    ranked = sorted(result["per_class"].items(), key=lambda pair: -pair[1])
    print("  " + "  ".join(f"{label} {share:.0%}" for label, share in ranked))
    for clip, problem in result["errors"].items():
        print(f"  {clip} is left out: {problem}", file=sys.stderr)
