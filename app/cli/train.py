"""Train: networks again, by their recipes."""

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
        list[str], typer.Argument(help="Recipes: toybox-conv3d, toybox-conv, toybox-late, ...")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the weights and the card.")] = Path("runs"),
    cache: Annotated[Path, typer.Option(help="Folder for the training set.")] = Path("runs/cache"),
    clips: Annotated[int, typer.Option(help="Clips to train on.")] = 2000,
    seed: Annotated[int, typer.Option(help="Seed of the start weights and of the order.")] = 0,
    seeds: Annotated[int, typer.Option(min=1, help="How many; the first one's weights stay.")] = 1,
) -> None:
    """Train networks again by their recipes, and measure them on unseen clips."""
    from core.study.recipes import train_recipe

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    for name in names:
        card = train_recipe(name, out, cache, clips, seed, seeds)
        print(f"{name}: {', '.join(f'{head} {share:.2%}' for head, share in card.accuracy)}")
