"""Train: train networks by their recipes, or by your own."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fusionscope.base.records import InputError, percent
from fusionscope_app.cli.shell import cli

if TYPE_CHECKING:
    from fusionscope.training.first_weights import Files
    from fusionscope.training.recipe import Recipe


@cli.command()
def train(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="toybox-conv3d, jhmdb-conv3d, ..., your own recipe: FILE.toml, or toybox-ladder: "
            "all Toybox networks by one protocol."
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for the weights and the card.")] = Path("runs"),
    cache: Annotated[
        Path, typer.Option(help="Folder for cached clips and training states.")
    ] = Path("runs/cache"),
    root: Annotated[
        Path | None,
        typer.Option(help="Folder of the data set; not needed for Toybox, nor with --prepared."),
    ] = None,
    prepared: Annotated[
        Path | None,
        typer.Option(help="Read clips from this folder, which `fusionscope prepare` made."),
    ] = None,
    weights: Annotated[
        list[str] | None,
        typer.Option(
            help="File of ImageNet weights, for all towers that start from ImageNet, or "
            "spatial=FILE or temporal=FILE. Repeatable."
        ),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Download ImageNet weights without asking.")
    ] = False,
    every: Annotated[int, typer.Option(min=1, help="Number of steps between validations.")] = 100,
    workers: Annotated[
        int, typer.Option(min=0, help="Additional processes that prepare clips.")
    ] = 0,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Also write TensorBoard event files.")
    ] = False,
    clips: Annotated[int, typer.Option(help="Toybox: number of training clips.")] = 2000,
    seed: Annotated[
        int, typer.Option(help="Toybox: seed of the initial weights and the order of clips.")
    ] = 0,
    seeds: Annotated[
        int, typer.Option(min=1, help="Toybox: number of seeds; the first network is saved.")
    ] = 1,
    fields: Annotated[
        bool, typer.Option("--fields", help="List every field of a recipe, and end.")
    ] = False,
) -> None:
    """Train networks by their recipes. An interrupted training is resumed.

    A recipe is a TOML file; docs/recipes.md and `fusionscope train --fields` list its fields.
    With torchrun, several GPUs or machines share each batch.
    """
    if fields:
        _print_fields()
        return
    if not names:
        raise InputError("train needs the name of a recipe, or your own recipe: FILE.toml")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    for name in names:
        if name == "toybox-ladder":
            _train_ladder(out, cache, clips, range(seed, seed + seeds))
            continue
        if name.startswith("toybox") and not name.endswith(".toml"):
            _train_toybox(name, out, cache, clips, seed, seeds)
            continue
        from fusionscope.training.recipe_file import recipe_named
        from fusionscope.training.train_recipe import train_recipe

        plan = recipe_named(name)
        files = _files(plan, weights or ())
        _agree_to_downloads(plan, files, yes)
        card = train_recipe(
            plan,
            root,
            out,
            cache,
            workers=workers,
            every=every,
            files=files,
            events=tensorboard,
            prepared=prepared,
        )
        print(f"{card.name}: written to {out / card.name}.safetensors")


def _train_toybox(name: str, out: Path, cache: Path, clips: int, seed: int, seeds: int) -> None:
    from fusionscope.training.processes import processes
    from fusionscope.training.toybox.recipes import train_toy_recipe

    if processes() > 1:
        raise InputError(f"{name} is trained in one process; start it without torchrun")
    card = train_toy_recipe(name, out, cache, clips, seed, seeds)
    shares = ", ".join(f"{head} {percent(share, 2)}" for head, share in card.accuracy)
    print(f"{name}: {shares}")


def _train_ladder(out: Path, cache: Path, clips: int, seeds: range) -> None:
    from fusionscope.training.processes import processes
    from fusionscope.training.toybox.fair_ladder import train_ladder

    if processes() > 1:
        raise InputError("toybox-ladder is trained in one process; start it without torchrun")
    accuracies, curves = train_ladder(out, cache, clips, seeds)
    print(f"toybox-ladder: accuracies in {accuracies}, losses in {curves}")


def _files(plan: Recipe, weights: Iterable[str]) -> Files:
    """Files of ImageNet weights, by stream."""
    from fusionscope.base.paths import expanded
    from fusionscope.training.first_weights import imagenet_streams

    starting = [] if plan.card.weights else imagenet_streams(plan)
    found: dict[str, Path] = {}
    for given in weights:
        stream, mark, file = given.partition("=")
        streams = [stream] if mark and stream in ("spatial", "temporal") else starting
        path = expanded(file if mark and stream in ("spatial", "temporal") else given)
        if not streams or not set(streams) <= set(starting):
            known = " and ".join(starting) or "none"
            raise InputError(
                f"--weights {given} is for a tower that starts from ImageNet; in {plan.name}: "
                f"{known}"
            )
        if not path.is_file():
            raise InputError(f"--weights {given}: {path} not found")
        found |= dict.fromkeys(streams, path)
    return found


def _agree_to_downloads(plan: Recipe, files: Files, yes: bool) -> None:
    """Ask before ImageNet weights are downloaded."""
    from fusionscope.training.first_weights import needed_downloads

    for one in needed_downloads(plan, files):
        size = f"{one.megabytes:.0f} MB, " if one.megabytes else ""
        told = f"ImageNet weights of {one.tower} ({size}{one.source}) to {one.folder}"
        if yes:
            continue
        if not sys.stdin.isatty():
            raise InputError(
                f"{plan.name} needs a download: {told}; agree with --yes, or give --weights FILE"
            )
        if not typer.confirm(f"Download {told}?", err=True):
            raise InputError(f"{plan.name} needs ImageNet weights; give --weights FILE")


def _print_fields() -> None:
    from fusionscope.training.recipe_file import documented_fields, toml_value

    before = ""
    for section, name, default, told in documented_fields():
        if section != before:
            print(f"[{section}]")
        before = section
        shown = "" if default is None else f" = {toml_value(default)}"
        print(f"{name}{shown}  # {told}")
