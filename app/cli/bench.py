"""Bench: how fast this is on this machine, as ratios within one run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.shell import AsJson, cli, print_json
from core.records import InputError

if TYPE_CHECKING:
    from core.bench.bench import Bench
    from core.nets.network import Network


@cli.command()
def bench(
    model: Annotated[
        str, typer.Option(help="A name that `fusionscope models` lists; for Toybox.")
    ] = "toybox-conv3d",
    real_model: Annotated[
        str, typer.Option(help="Likewise, for a clip of the data folder, if there is one.")
    ] = "jhmdb-conv3d",
    repeats: Annotated[int, typer.Option(min=1, help="How often each pair is timed.")] = 3,
    quick: Annotated[
        bool, typer.Option("--quick", help="Each pair once, on Toybox alone, and less growth.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Measure what things cost here beside the bare library calls, as ratios within one run."""
    from core.nets.loading import load_network
    from core.nets.zoo import card_named

    network = load_network(card_named(model))
    from core.bench.bench import bench as measure  # and with it Captum, once there is a network
    from core.bench.last import keep, told

    real = None if quick else _real(real_model)
    shown = sys.stderr.isatty() and not as_json

    def progress(stage: str, done: float) -> None:
        if shown:
            print(f"\r{done:4.0%} {stage:<24}", end="\n" if done == 1 else "", file=sys.stderr)

    found = measure(network, 1 if quick else repeats, real, progress, quick)
    said = told(found)
    try:
        keep(said)
    except InputError as problem:  # it is printed all the same
        print(f"not kept for the Models page: {problem}", file=sys.stderr)
    if as_json:
        print_json(said)
    else:
        _print(found)


def _real(model: str) -> tuple[Network, Path] | None:
    """The first clip of the data folder, and a network for it."""
    from app.sources import data_clips, data_folder
    from core.nets.loading import load_network
    from core.nets.zoo import card_named

    folder = data_folder()
    names = data_clips(folder)
    if not names:
        return None
    return load_network(card_named(model)), folder / names[0].removeprefix("data:")


def _print(found: Bench) -> None:
    machine = found.machine
    load = (
        "not told" if machine.load is None else "{:.1f} before, {:.1f} after".format(*machine.load)
    )
    print(
        f"cores: {machine.cores}, torch's threads: {machine.threads}, on {machine.device}; "
        f"load {load}; the median of {found.repeats}"
    )
    for name, ratio in found.ratios.items():
        aim = found.aims[name]
        value = "not measured here" if ratio is None else f"{ratio:6.2f}"
        print(f"{name:<18} {value}  aim {aim}: {'met' if aim.met(ratio) else 'missed'}")
        for pair in found.found[name]:
            gap = "not compared" if pair.gap is None else f"gap {pair.gap:.0e}"
            one = pair.cost if aim.most else pair.ratio
            print(f"    {one:6.2f}  {pair.what} ({gap})")
    rate = found.rate
    print(
        f"a pass multiplies at {rate.forward / 1e9:.1f} of the {rate.matmul / 1e9:.1f} billion "
        f"operations a second that one large product reaches here ({rate.share:.0%})"
    )
    for name, trial in found.bfloat16.items():
        if trial is None:
            print(f"towers in bfloat16, {name}: this device has none of its own")
        else:
            print(
                f"towers in bfloat16, {name}: a pass is {trial.faster:.2f} times as fast, a score "
                f"is off by {trial.apart:.3f} at most; chosen: {trial.chosen}"
            )
    for grown in found.growth:
        print(f"{grown.of:<10}" + "".join(f"{n:>9}" for n in grown.at))
        for stage, seconds in grown.seconds.items():
            print(f"  {stage:<8}" + "".join(f"{s:8.2f}s" for s in seconds))
