"""Bench: how fast this is on this machine, as ratios within one run."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from app.cli.shell import AsJson, cli, print_json


@cli.command()
def bench(
    model: Annotated[
        str, typer.Option(help="A name that `fusionscope models` lists.")
    ] = "toybox-conv3d",
    repeats: Annotated[int, typer.Option(min=1, help="How often each pair is timed.")] = 3,
    as_json: AsJson = False,
) -> None:
    """Measure, in pairs, how much faster things are here than the plain way to the same numbers."""
    from core.bench import bench as measure
    from core.bench import ratios
    from core.nets.loading import load_network
    from core.nets.zoo import card_named

    network = load_network(card_named(model))
    shown = sys.stderr.isatty() and not as_json

    def progress(stage: str, done: float) -> None:
        if shown:
            print(f"\r{done:4.0%} {stage:<24}", end="\n" if done == 1 else "", file=sys.stderr)

    found = measure(network, repeats, progress)
    if as_json:
        rows = {
            name: [
                {
                    "what": pair.what,
                    "ratio": round(pair.ratio, 2),
                    "ours": [round(s, 4) for s in pair.ours],
                    "theirs": [round(s, 4) for s in pair.theirs],
                    "gap": pair.gap,
                }
                for pair in pairs
            ]
            for name, pairs in found.items()
        }
        rounded = {name: round(ratio, 2) for name, ratio in ratios(found).items()}
        print_json({"ratios": rounded, "model": model, "repeats": repeats, "pairs": rows})
        return
    for name, ratio in ratios(found).items():
        print(f"{name:<18} {ratio:6.1f} times as fast, on {model}")
        for pair in found[name]:
            print(f"  {pair.ratio:6.1f}  {pair.what} (gap {pair.gap:.0e})")
