"""A tiny training as a program of its own, to be killed, to go on, and to be shared by processes.

``python -m tests.tiny_training FOLDER`` learns in FOLDER from the clips ``clips_in`` put there.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator

from fusionscope.card import Card
from fusionscope.data.clip_cache import Kept
from fusionscope.data.datasets import Item
from fusionscope.nets.network import Network
from fusionscope.training.recipe import Recipe
from fusionscope.training.trainer import train

LABELS = ("one", "two", "three")

CARD = Card(
    "tiny",
    "Tiny",
    LABELS,
    "vgg-m-mini",
    "vgg-m-mini",
    fusion="conv",
    place="relu5",
    chunks=2,
    stack=2,
    size=96,
    rgb_scale=64.0,
    flow_scale=32.0,
)

PLAN = Recipe(
    CARD,
    chunks=2,
    crop=96,
    shown=100,
    epochs=4,
    batch=4,
    average=0.9,
    mixup=0.2,
    dropout=0.0,
    spatial="",
    temporal="",
)
"""Eight clips, so two steps an epoch. Without dropout processes and one alone see the same."""


def clips_in(folder: Path, count: int = 8) -> list[Kept]:
    """Clips of noise whose brightness is their class, written once, then read back."""
    found = []
    for number in range(count):
        item = Item(f"c{number}", LABELS[number % 3], folder / "none", "0", f"g{number}")
        kept = Kept(item, folder / f"{number}-rgb.npy", folder / f"{number}-dis.npy")
        if not kept.frames.exists():
            folder.mkdir(parents=True, exist_ok=True)
            random = np.random.default_rng(number)
            low = 60 * (number % 3)
            np.save(kept.frames, random.integers(low, low + 60, (9, 100, 110, 3), np.uint8))
            np.save(kept.flow, random.integers(low, low + 60, (8, 100, 110, 2), np.uint8))
        found.append(kept)
    return found


def fresh(card: Card = CARD) -> Network:
    torch.manual_seed(0)
    return Network(card)


if __name__ == "__main__":
    where = Path(sys.argv[1])
    torch.set_num_threads(1)
    net = train(
        fresh(), PLAN, clips_in(where / "clips"), where, every=2, accelerator=Accelerator(cpu=True)
    )
    torch.save(net.state_dict(), where / f"final-{Accelerator().process_index}.pt")
