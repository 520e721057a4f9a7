"""Fuse: combine heads of predictions files after the fact."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fusionscope.base.records import InputError, percent
from fusionscope_app.cli.shell import AsJson, cli, print_json

if TYPE_CHECKING:
    from fusionscope.evaluation.answers import Answers
    from fusionscope.evaluation.predictions_file import Predictions


@cli.command()
def fuse(
    files: Annotated[list[Path], typer.Argument(help="Predictions files, .csv or .parquet.")],
    heads: Annotated[
        str,
        typer.Option(help="Heads separated by commas; MODEL:HEAD where several models have it."),
    ] = "spatial,temporal",
    rule: Annotated[
        str, typer.Option(help="sum of scores, mean or product of probabilities.")
    ] = "sum",
    weights: Annotated[
        str, typer.Option(help="A number for each head, such as 1,1; default: fitted.")
    ] = "",
    temperatures: Annotated[
        str, typer.Option(help="A number for each head, or fit; default: 1 for each.")
    ] = "",
    folds: Annotated[
        int, typer.Option(help="Fit on the groups of all folds but the one that is measured.")
    ] = 5,
    out: Annotated[
        Path | None,
        typer.Option(help="Write a predictions file with the fused head and those it is made of."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Combine heads by a rule (late fusion) and measure the result.

    Without --weights, they are fitted by folds of groups: each clip is fused with the weights
    fitted on the other folds, so the accuracy is not measured on clips that the weights were
    chosen for.
    """
    from fusionscope.evaluation.head_trial import on_shared_clips
    from fusionscope.evaluation.late.late_fusion import are_probabilities, fit_fusion
    from fusionscope.evaluation.late.late_fusion import fuse as fused_by
    from fusionscope.evaluation.predictions_file import (
        gathered,
        joined,
        read_predictions,
        write_predictions,
    )
    from fusionscope.evaluation.statistics import interval
    from fusionscope.evaluation.table_file import check_ending

    if out is not None:
        check_ending(out.name)
    found = joined(*(read_predictions(file) for file in files))
    names = [name.strip() for name in heads.split(",")]
    chosen, left_out = on_shared_clips([_head(found, name) for name in names])
    fit = temperatures.strip() == "fit"
    if fit and weights:
        raise InputError("--temperatures fit goes with fitted weights; needed: no --weights")
    if weights:
        numbers = _numbers(weights, "--weights")
        cooled = _numbers(temperatures, "--temperatures") if temperatures else [1.0] * len(numbers)
        fused = fused_by(chosen, rule, numbers, cooled)
        fitted: dict[str, Any] = {}
    else:
        if temperatures and not fit:
            raise InputError("--temperatures with numbers goes with --weights; needed: both")
        result = fit_fusion(chosen, rule, folds, calibrated=fit)
        fused, numbers, cooled = result.fused, result.weights.tolist(), result.temperatures.tolist()
        fitted = {"by_fold": result.by_fold.tolist(), "in_sample": result.in_sample}
    if out is not None:
        write_predictions(gathered((*chosen, replace(fused, model=f"{rule} of {heads}"))), out)
    span = interval(fused.right, fused.groups)
    told = {
        "n": len(fused.clips),
        "rule": rule,
        "weights": numbers,
        "temperatures": cooled,
        "accuracy": span.mean,
        "interval": [span.low, span.high],
        "alone": {n: float(h.right.mean()) for n, h in zip(names, chosen, strict=True)},
        "fitted": fitted or None,
        "probabilities": [
            n for n, h in zip(names, chosen, strict=True) if are_probabilities(h.scores)
        ],
        "left_out": left_out,
    }
    if as_json:
        print_json(told)
        return
    _print(told, by_groups=bool(fused.groups))
    if out is not None:
        print(f"predictions written to {out}")


def _head(found: Predictions, name: str) -> Answers:
    """The head of this name; raises InputError where none or several models have it."""
    model, _, head = name.rpartition(":")
    pairs = [p for p in found.heads if p[1] == head and model in ("", p[0])]
    if len(pairs) != 1:
        there = ", ".join(":".join(pair) for pair in found.heads)
        raise InputError(f"{len(pairs)} heads are named {name!r}; needed: one of {there}")
    return found.heads[pairs[0]]


def _numbers(text: str, option: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError as problem:
        raise InputError(f"{option} is {text!r}; needed: numbers such as 1,0.5") from problem


def _print(told: dict[str, Any], by_groups: bool) -> None:
    """Print each head, the fused result with its interval, and how the weights were chosen."""
    weights = ", ".join(f"{w:.3g}" for w in told["weights"])
    print(f"{told['rule']} with weights {weights} on {told['n']} clips")
    for name, share in told["alone"].items():
        noted = ", given as probabilities" if name in told["probabilities"] else ""
        print(f"  {name:<15} {percent(share, 1):>7}{noted}")
    low, high = told["interval"]
    kind = "by groups" if by_groups else "by clips"
    print(
        f"  {'fused':<15} {percent(told['accuracy'], 1):>7}  "
        f"(95 %: {percent(low, 1)} to {percent(high, 1)}, {kind})"
    )
    if told["fitted"]:
        spread = ", ".join("/".join(f"{w:.3g}" for w in fold) for fold in told["fitted"]["by_fold"])
        print(f"  weights fitted without each fold: {spread}")
        print(
            f"  with the weights of all clips, on the same clips: "
            f"{percent(told['fitted']['in_sample'], 1)} (optimistic)"
        )
    if told["left_out"]:
        print(f"  {told['left_out']} clips without a prediction from all heads are left out")
