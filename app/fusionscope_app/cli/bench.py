"""Bench: measure speed on this machine, as ratios within one run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fusionscope.base.records import InputError, percent
from fusionscope_app.cli.shell import AsJson, cli, print_json

if TYPE_CHECKING:
    from fusionscope.bench.bench import Bench
    from fusionscope.nets.network import Network


@cli.command()
def bench(
    model: Annotated[
        str, typer.Option(help="Network for Toybox, a name listed by `fusionscope models`.")
    ] = "toybox-conv3d",
    real_model: Annotated[
        str, typer.Option(help="Network for the first clip of the data folder, if there is one.")
    ] = "jhmdb-conv3d",
    repeats: Annotated[int, typer.Option(min=1, help="Number of timings of each pair.")] = 3,
    quick: Annotated[
        bool, typer.Option("--quick", help="Time each pair once, only on Toybox, with fewer sizes.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Compare the speed of each stage with the bare library calls, on this machine."""
    from fusionscope.nets.store.catalogue import card_named
    from fusionscope.nets.store.loading import load_network

    network = load_network(card_named(model))
    from fusionscope.bench.bench import (
        bench as measure,  # also imports Captum, so only after the network is found
    )
    from fusionscope.bench.stored_result import bench_as_json, keep

    real = None if quick else _real(real_model)
    shown = sys.stderr.isatty() and not as_json

    def progress(stage: str, done: float) -> None:
        if shown:
            print(
                f"\r{percent(done):>5} {stage:<24}", end="\n" if done == 1 else "", file=sys.stderr
            )

    found = measure(network, 1 if quick else repeats, real, progress, quick)
    result = bench_as_json(found)
    try:
        keep(result)
    except InputError as problem:  # the result is still printed
        print(f"not saved for the Models page: {problem}", file=sys.stderr)
    if as_json:
        print_json(result)
    else:
        _print(found)


def _real(model: str) -> tuple[Network, Path] | None:
    """The real network, and the first clip of the data folder; None without a clip."""
    from fusionscope.base.paths import data_folder
    from fusionscope.nets.store.catalogue import card_named
    from fusionscope.nets.store.loading import load_network
    from fusionscope_app.state.clip_sources import data_clips

    folder = data_folder()
    names = data_clips(folder)
    if not names:
        return None
    return load_network(card_named(model)), folder / names[0].removeprefix("data:")


def _print(found: Bench) -> None:
    machine = found.machine
    load = (
        "unknown" if machine.load is None else "{:.1f} before, {:.1f} after".format(*machine.load)
    )
    print(
        f"{machine.cores} cores, {machine.threads} torch threads, on {machine.device}; "
        f"load: {load}; median of {found.repeats}"
    )
    for name, ratio in found.ratios.items():
        aim = found.aims[name]
        if name in found.missing:
            print(f"{name:<18} not measured: {found.missing[name]}")
            continue
        value = "not available" if ratio is None else f"{ratio:6.2f}"
        print(f"{name:<18} {value}  target {aim}: {'met' if aim.met(ratio) else 'missed'}")
        for pair in found.found[name]:
            gap = "not compared" if pair.gap is None else f"gap {pair.gap:.0e}"
            one = pair.cost if aim.most else pair.ratio
            print(f"    {one:6.2f}  {pair.what} ({gap})")
    if found.cold_start:
        steps = (f"{name.replace('_', ' ')} {s:.2f} s" for name, s in found.cold_start.items())
        print(f"cold start, median: {', '.join(steps)}")
    rate = found.rate
    print(
        f"a pass runs at {rate.forward / 1e9:.1f} billion operations per second, "
        f"{percent(rate.share)} of the {rate.matmul / 1e9:.1f} billion of a large matrix product "
        "on this machine"
    )
    for name, trial in found.bfloat16.items():
        if trial is None:
            print(f"towers in bfloat16, {name}: not supported natively by this device")
        else:
            print(
                f"towers in bfloat16, {name}: speed-up {trial.faster:.2f}, scores differ by "
                f"at most {trial.apart:.3f}; chosen: {trial.chosen}"
            )
    for grown in found.growth:
        print(f"{grown.of:<10}" + "".join(f"{n:>9}" for n in grown.at))
        for stage, seconds in grown.seconds.items():
            print(f"  {stage:<8}" + "".join(f"{s:8.2f}s" for s in seconds))
