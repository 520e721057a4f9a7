"""Teach: learn your own classes from a few clips of each."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fusionscope.base.records import InputError, percent, printable
from fusionscope_app.cli.shell import AsJson, cli, print_json

if TYPE_CHECKING:
    from fusionscope.teaching.measured import Measured
    from fusionscope.teaching.taught import Taught


@cli.command()
def teach(
    folder: Annotated[Path, typer.Argument(help="One folder of videos for each class.")],
    model: Annotated[
        str, typer.Option(help="The network whose frozen towers are used.")
    ] = "jhmdb-conv3d",
    test: Annotated[
        Path | None, typer.Option(help="Other clips of the same classes, to measure on.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for card and weights; FUSIONSCOPE_MODELS may name it."),
    ] = None,
    name: Annotated[str, typer.Option(help="Name of the network that is written.")] = "taught",
    groups: Annotated[
        str,
        typer.Option(
            help="Regular expression that finds the person or the sitting in a file's name; the "
            "clips of each are then left out together."
        ),
    ] = "",
    mirror: Annotated[
        bool, typer.Option(help="Also learn from mirrored copies; not if left and right matter.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Learn classes from a few clips of each, on frozen towers, and measure the result.

    Without --test, each clip is predicted by what all others teach. Clips that cannot be read are
    skipped and listed.
    """
    from fusionscope.base.atomic_file import make_folder
    from fusionscope.nets.store.catalogue import card_named
    from fusionscope.nets.store.loading import load_network
    from fusionscope.teaching.examples import Options
    from fusionscope.teaching.folder import examples_in
    from fusionscope.teaching.taught import teach as learn

    if name != Path(name).name or not name.isprintable() or name.startswith("."):
        raise InputError(f"--name is {printable(name)!r}; needed: a name that a file can have")
    started = time.perf_counter()
    network = load_network(card_named(model))
    shown = sys.stderr.isatty() and not as_json

    def progress(stage: str, done: float) -> None:
        if shown:
            print(f"\r{stage}: {percent(done):>5}", end="\n" * (done == 1), file=sys.stderr)

    examples, problems = examples_in(folder, network, groups, progress)
    others = None
    if test is not None:
        others, more = examples_in(test, network, "", progress)
        problems |= {f"{test.name}/{clip}": why for clip, why in more.items()}
        taught_classes = {example.label for example in examples}
        strange = next((e.label for e in others if e.label not in taught_classes), None)
        if strange is not None:
            raise InputError(
                f"{test} has the class {printable(strange)}, which {folder} has not; "
                "needed: clips of the taught classes"
            )
    mapped = time.perf_counter()
    taught = learn(examples, network, Options(mirror), problems)
    learned = time.perf_counter()
    if others is None:
        found = taught.left_out("group" if groups else "clip", progress)
    else:
        found = taught.measured_on(others)
    curve = taught.learning_curve() if others is None else []
    ended = time.perf_counter()
    if out is not None:
        make_folder(out)
        taught.save(out, name, found)
    result = {
        "model": model,
        "classes": list(taught.classes),
        "clips": len(examples),
        "measured_on": "left out" if others is None else "test",
        **_figures(taught, found),
        "curve": [
            {"clips": p.clips, "tested": p.tested, "accuracy": dict(p.accuracy)} for p in curve
        ],
        "errors": problems,
        "out": None if out is None else str(out / f"{name}.json"),
        "seconds": round(ended - started, 2),
        "seconds_by_step": {
            "maps": round(mapped - started, 2),
            "teach": round(learned - mapped, 2),
            "measure": round(ended - learned, 2),
        },
    }
    if as_json:
        print_json(result)
    else:
        _print(result, taught, found)


def _figures(taught: Taught, found: Measured | None) -> dict[str, Any]:
    """What was measured; empty where every class has one clip only."""
    heads = ("appearance", "motion", "late", "fused")
    if found is None:
        return {
            "n": 0,
            "accuracy": dict.fromkeys(heads),
            "interval": dict.fromkeys(heads),
            "chance": 1 / len(taught.classes),
            "too_few": list(heads),
        }
    gain, odd = found.gain, found.odd()
    return {
        "n": found.n,
        "accuracy": found.accuracy,
        "interval": {head: list(span) for head, span in found.interval.items()},
        "chance": found.chance,
        "too_few": list(found.too_few),
        "better_stream": found.better,
        "fused_against_it": {"gained": gain.gained, "lost": gain.lost, "p": gain.chance},
        "confusion": found.confusion("fused").tolist(),
        "odd": None if odd is None else {"clip": odd[0], "p": odd[1]},
        "skipped": list(found.skipped),
    }


def _print(result: dict[str, Any], taught: Taught, found: Measured | None) -> None:
    """Print the accuracy of each classifier, the confused classes, the curve and the errors."""
    print(
        f"{len(taught.classes)} classes from {result['clips']} clips, "
        f"on the towers of {result['model']}, {result['seconds']:.1f} s"
    )
    for clip, problem in result["errors"].items():
        print(f"  {clip} is skipped: {problem}", file=sys.stderr)
    if found is None:
        print("  too few clips to measure: a class has one clip, which cannot be left out")
    else:
        how = {
            "test": "other clips",
            "clip": "each left out in turn",
            "group": "groups left out",
        }
        chance = percent(found.chance, 1)
        print(f"  measured on {found.n} clips ({how[found.how]}); chance {chance}")
        for head, share in result["accuracy"].items():
            low, high = (percent(x, 1) for x in result["interval"][head])
            doubt = "  too few clips to tell it from chance" if head in found.too_few else ""
            print(f"  {head:<11} {percent(share, 1):>7}  (95 %: {low} to {high}){doubt}")
        for true, predicted, clips in found.confusions("fused"):
            print(f"  {true} predicted as {predicted}: {', '.join(map(printable, clips))}")
        if odd := result["odd"]:
            print(f"  least like its class: {printable(odd['clip'])} (probability {odd['p']:.2f})")
    for point in result["curve"]:
        shares = "  ".join(f"{head} {percent(share)}" for head, share in point["accuracy"].items())
        print(f"  {point['clips']} of each class: {shares}")
    if result["out"]:
        print(f"network written to {result['out']}")
