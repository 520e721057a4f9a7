"""Pointing: ``evaluate --attributions``, the overlap of a method's maps with the actor."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from fusionscope.base.records import InputError, percent
from fusionscope_app.cli.shell import print_json


def measure_pointing(
    model: str,
    method: str,
    data: str,
    root: Path | None,
    fold: str,
    count: int,
    *,
    out: Path | None,
    as_json: bool,
) -> None:
    """Explain the true class of clips with actor masks, and print the overlap of the maps.

    Args:
        out: a table to which the results are added.

    Raises:
        InputError: unknown model, method, data set or fold, or no clip has a mask.
    """
    from fusionscope.base.atomic_file import check_writable
    from fusionscope.data.datasets import open_data
    from fusionscope.evaluation.actor_overlap import masked_clips, pointing, spaced, toy_clips
    from fusionscope.evaluation.actor_overlap_table import read_pointings, rows_of, write_pointings
    from fusionscope.explain.attribution.methods import ATTRIBUTION_METHODS
    from fusionscope.nets.store.catalogue import card_named
    from fusionscope.nets.store.loading import load_network
    from fusionscope.training.toybox.recipes import TEST_SEEDS

    if method not in ATTRIBUTION_METHODS:
        raise InputError(
            f"unknown method {method!r}; choose one of {', '.join(ATTRIBUTION_METHODS)}"
        )
    if data == "toybox":
        fold, clips = "unseen", toy_clips(TEST_SEEDS)
    elif root is None:
        raise InputError("evaluate needs --root, the folder of the data set")
    else:
        listed = open_data(data, root)
        clips = masked_clips(listed if fold in ("", "all") else listed.of((fold,)))
    clips = spaced(clips, count)
    if out is not None:
        check_writable(out)
        read_pointings(out)  # raises now, not after the work, if the file is invalid
    network = load_network(card_named(model))
    shown, started = sys.stderr.isatty() and not as_json, time.monotonic()

    def progress(stage: str, done: float) -> None:  # noqa: ARG001
        if shown:
            print(f"\r{percent(done, 1):>7} of {len(clips)} clips", end="", file=sys.stderr)

    found = pointing(network, clips, method, progress)
    if shown:
        print(file=sys.stderr)
    fold = fold or "all"
    if out is not None:
        write_pointings(rows_of(found, model, data, fold), out)
    result = {
        "model": model,
        "data": data,
        "fold": fold,
        "method": method,
        "stage": found.stage,
        "n": len(found.found),
        "streams": found.figures(),
        "gap": found.gap if found.gaps else None,
        "errors": dict(found.problems),
        "seconds": round(time.monotonic() - started, 1),
    }
    if as_json:
        print_json(result)
    else:
        _print(result)


def _print(result: dict[str, Any]) -> None:
    """Print one line per stream."""
    stage = f" on {result['stage'].partition('.')[2]}" if result["stage"] else ""
    print(
        f"{result['method']}{stage} of the clip's class, {result['model']} on {result['n']} clips "
        f"of {result['data']}, fold {result['fold']}, {result['seconds']:.0f} s"
    )
    for stream, one in result["streams"].items():
        print(
            f"  {stream:<9} {percent(one['share'], 1):>7} of its support is on the actor "
            f"({percent(one['area'], 1)} of the picture); points at the actor in "
            f"{percent(one['pointing'], 1)} of {one['chunks']} chunks "
            f"(chance: {percent(one['chance'], 1)}; {one['clips']} clips)"
        )
    if result["gap"] is not None:
        print(f"  completeness gap: at most {percent(result['gap'], 2)} of the change of score")
    for clip, problem in result["errors"].items():
        print(f"  {clip} is skipped: {problem}", file=sys.stderr)
