"""Train: networks again, by their recipes, or by one of your own."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from app.cli.shell import cli


@cli.command()
def train(
    names: Annotated[
        list[str],
        typer.Argument(help="toybox-conv3d, jhmdb-conv3d, ..., or recipes of your own: FILE.toml"),
    ],
    out: Annotated[Path, typer.Option(help="Folder for the weights and the card.")] = Path("runs"),
    cache: Annotated[Path, typer.Option(help="Folder for what is made of the clips once.")] = Path(
        "runs/cache"
    ),
    root: Annotated[Path | None, typer.Option(help="Folder of the data set; Toybox has none.")] = (
        None
    ),
    clips: Annotated[int, typer.Option(help="Toybox: clips to train on.")] = 2000,
    seed: Annotated[
        int, typer.Option(help="Toybox: seed of the start weights and of the order.")
    ] = 0,
    seeds: Annotated[
        int, typer.Option(min=1, help="Toybox: how many; the first one's weights stay.")
    ] = 1,
    workers: Annotated[int, typer.Option(min=0, help="Processes that cut clips beside.")] = 0,
) -> None:
    """Train networks by their recipes. A training that was broken off goes on where it was.

    Under torchrun several GPUs or machines share each batch.
    """
    from core.records import InputError

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    for name in names:
        if name.startswith("toybox") and not name.endswith(".toml"):
            from core.study.recipes import train_recipe

            card = train_recipe(name, out, cache, clips, seed, seeds)
            print(f"{name}: {', '.join(f'{head} {share:.2%}' for head, share in card.accuracy)}")
            continue
        from core.study.planned import plan_named, train_plan

        plan = plan_named(name)
        if root is None:
            raise InputError(f"{plan.name} learns from {plan.data}; name its folder with --root")
        card = train_plan(plan, root, out, cache, workers=workers)
        print(f"{card.name}: written to {out / card.name}.safetensors")
