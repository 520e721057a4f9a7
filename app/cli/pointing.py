"""Pointing: what ``evaluate --attributions`` prints: how a method's maps lie on the actor."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from app.cli.shell import print_json
from core.records import InputError


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
    """Ask a method about the class of clips whose actor is known, and print the figures.

    Args:
        out: a table that is given these figures beside those it has.

    Raises:
        InputError: no such model, method, data set or fold, or no clip of it has a mask.
    """
    from core.explain.methods import METHODS
    from core.nets.loading import load_network
    from core.nets.zoo import card_named
    from core.study.datasets import open_data
    from core.study.pointing import masked_clips, pointing, spaced, toy_clips
    from core.study.pointings import read_pointings, rows_of, write_pointings
    from core.study.recipes import TEST_SEEDS

    if method not in METHODS:
        raise InputError(f"there is no method {method!r}; choose one of {', '.join(METHODS)}")
    if data == "toybox":
        fold, clips = "unseen", toy_clips(TEST_SEEDS)
    elif root is None:
        raise InputError("evaluate needs --root, the folder of the data set")
    else:
        listed = open_data(data, root)
        clips = masked_clips(listed if fold in ("", "all") else listed.of((fold,)))
    clips = spaced(clips, count)
    if out is not None:
        read_pointings(out)  # what is wrong with it is said before the work, not after it
    network = load_network(card_named(model))
    shown, begun = sys.stderr.isatty() and not as_json, time.monotonic()

    def progress(stage: str, done: float) -> None:  # noqa: ARG001
        if shown:
            print(f"\r{done:6.1%} of {len(clips)} clips", end="", file=sys.stderr)

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
        "seconds": round(time.monotonic() - begun, 1),
    }
    if as_json:
        print_json(result)
    else:
        _print(result)


def _print(result: dict[str, Any]) -> None:
    """For people: a line a stream."""
    stage = f" on {result['stage'].partition('.')[2]}" if result["stage"] else ""
    print(
        f"{result['method']}{stage} of the clip's class, {result['model']} on {result['n']} clips "
        f"of {result['data']}, fold {result['fold']}, {result['seconds']:.0f} s"
    )
    for stream, one in result["streams"].items():
        print(
            f"  {stream:<9} {one['share']:6.1%} of what speaks for it is on the actor, who is "
            f"{one['area']:.1%} of the picture; points at the actor in {one['pointing']:.1%} of "
            f"{one['chunks']} chunks, by chance in {one['chance']:.1%} ({one['clips']} clips)"
        )
    if result["gap"] is not None:
        print(f"  completeness gap: at most {result['gap']:.2%} of the change of score")
    for clip, problem in result["errors"].items():
        print(f"  {clip} is left out: {problem}", file=sys.stderr)
