"""Planned: a tiny data set in a folder, and recipes that learn from it in seconds."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np

from fusionscope.card import Card
from fusionscope.data.datasets import open_data
from fusionscope.evaluation.evaluate import evaluate
from fusionscope.nets.store.loading import load_network
from fusionscope.training.recipe import Recipe
from fusionscope.training.recipe_file import read_recipe
from tests.videos import numbered, write

FUSED = """
[card]
title = "Mine"
spatial = "vgg-m-mini"
temporal = "vgg-m-mini"
fusion = "conv"
place = "relu5"
chunks = 2
stack = 2
size = 96
rgb_scale = 64.0
flow_scale = 32.0
[data]
data = "folder"
learn = ["0", "1"]
watch = ["2"]
test = ["3"]
[train]
spatial = ""
temporal = ""
crop = 96
shown = 100
epochs = 4
batch = 2
"""

STREAM = """
[card]
title = "Mine, {0} stream"
{0} = "vgg-m-mini"
chunks = 2
stack = 2
size = 96
rgb_scale = 64.0
flow_scale = 32.0
[data]
data = "folder"
learn = ["0", "1"]
test = ["3"]
[train]
{0} = ""
epochs = 0
probe = 0.1
"""


def clips_in(root: Path) -> Path:
    """Four clips of either class, one a fold; of fold 4 one is broken and one too short."""
    random = np.random.default_rng(0)
    for label, low in (("walk", 0), ("run", 120)):
        (root / label).mkdir()
        for number in range(4):
            ground = np.kron(random.integers(low, low + 120, (12, 16, 3)), np.ones((5, 5, 1)))
            frames = [np.roll(ground.astype(np.uint8), 2 * n, axis=1) for n in range(7)]
            write(root / label / f"{number}.mp4", frames)
    (root / "walk/4.mp4").write_bytes(b"no film")
    numbered(root / "run/4.mp4", 2)
    return root


def recipe(folder: Path, text: str = FUSED, name: str = "mine", **fields: Any) -> Recipe:
    """A recipe as a file, read back; the fields are changed in what was read."""
    path = folder / f"{name}.toml"
    path.write_text(text, "utf-8")
    return dataclasses.replace(read_recipe(path), **fields)


def measured(card: Card, out: Path, root: Path) -> tuple[tuple[str, float], ...]:
    """What ``evaluate`` finds of the files that were written."""
    found = evaluate(load_network(card, out), open_data("folder", root).of(("3",)))
    return tuple((head, float(answers.right.mean())) for head, answers in found.heads.items())
