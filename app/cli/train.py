"""Train: a network again, by its recipe."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from app.cli.shell import cli


@cli.command()
def train(
    name: Annotated[
        str, typer.Argument(help="A recipe: toybox-spatial, toybox-temporal, toybox-conv3d.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the weights and the card.")] = Path("runs"),
    cache: Annotated[Path, typer.Option(help="Folder for the training set.")] = Path("runs/cache"),
    clips: Annotated[int, typer.Option(help="Clips to train on.")] = 4000,
    seed: Annotated[int, typer.Option(help="Seed of the start weights and of the order.")] = 0,
) -> None:
    """Train a network again by its recipe, and measure it on unseen clips."""
    from core.study.recipes import train_recipe

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    card = train_recipe(name, out, cache, clips, seed)
    print(", ".join(f"{head} {share:.2%}" for head, share in card.accuracy))
