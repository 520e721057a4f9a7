"""Toybox recipes: how each Toybox network is trained, so that one command reproduces it."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

import torch

from fusionscope.base.atomic_file import make_folder
from fusionscope.base.records import InputError
from fusionscope.card import Card
from fusionscope.data.toybox.ceilings import ceilings_of
from fusionscope.data.toybox.world import LABELS
from fusionscope.nets.store.loading import load_network, save_network
from fusionscope.training.toybox.tower_maps import Maps, shared_maps
from fusionscope.training.toybox.towers import Towers, shared_towers, stored_towers
from fusionscope.training.toybox.train import (
    accuracy,
    by_shift,
    stream_alone,
    train_network,
    trained_from,
)
from fusionscope.training.toybox.training_set import ToySet, toy_set

log = logging.getLogger(__name__)

TEST_SEEDS = range(1200)
"""Seeds reserved for testing; they include those of the bundled clips."""

FIRST_TRAINING_SEED = 100_000

_TOY = Card(
    name="toybox",
    title="Toybox",
    labels=LABELS,
    stack=6,
    size=112,
    rgb_scale=64.0,
    flow_scale=32.0,
    world="toybox",
    licence="MIT",
)


@dataclass(frozen=True)
class ToyRecipe:
    """A card without results, and the number of epochs for each part."""

    card: Card
    tower_epochs: int = 4
    fusion_epochs: int = 6
    head_epochs: int = 24


_BOTH = {"spatial": "vgg-m-mini", "temporal": "vgg-m-mini"}
_TOWER_SEED = 0  # seed of the towers, which all networks share, whatever their own seed


def _toy(name: str, title: str, **fields: object) -> ToyRecipe:
    fields = {**_BOTH, **fields}
    return ToyRecipe(dataclasses.replace(_TOY, name=f"toybox-{name}", title=title, **fields))


def _cut(name: str, title: str, fusion: str, place: str) -> ToyRecipe:
    """Recipe of a row in the paper's Tables 1 and 2: the temporal tower ends at the last fusion."""
    return _toy(name, title, fusion=fusion, place=place, keep_temporal=False)


def _kept(name: str, title: str, fusion: str, pool: str) -> ToyRecipe:
    """Recipe of a row in Table 4: both towers and both losses are kept."""
    return _toy(name, title, fusion=fusion, place="relu5", pool=pool)


TOY_RECIPES: Mapping[str, ToyRecipe] = MappingProxyType(
    {
        recipe.card.name: recipe
        for recipe in (
            _toy("spatial", "Toybox, spatial stream", temporal=None),
            _toy("temporal", "Toybox, temporal stream", spatial=None),
            _toy("late", "Toybox, late fusion", fusion="sum", place="softmax"),
            _cut("sum", "Toybox, sum at relu5", "sum", "relu5"),
            _cut("max", "Toybox, max at relu5", "max", "relu5"),
            _cut("cat", "Toybox, concatenation at relu5", "cat", "relu5"),
            _cut("bilinear", "Toybox, bilinear at relu5", "bilinear", "relu5"),
            _cut("conv", "Toybox, conv at relu5", "conv", "relu5"),
            _cut("conv-relu2", "Toybox, conv at relu2", "conv", "relu2"),
            _cut("conv-relu3", "Toybox, conv at relu3", "conv", "relu3"),
            _cut("conv-relu4", "Toybox, conv at relu4", "conv", "relu4"),
            _cut("conv-fc6", "Toybox, conv at fc6", "conv", "fc6"),
            _cut("conv-relu5-fc8", "Toybox, conv at relu5 + fc8", "conv", "relu5+fc8"),
            _kept("conv-pool2d", "Toybox, 2D conv, 2D pooling", "conv", "2d"),
            _kept("conv-pool3d", "Toybox, 2D conv, 3D pooling", "conv", "3d"),
            _kept("conv3d", "Toybox, 3D conv fusion", "conv3d", "3d"),
        )
    }
)


def train_toy_recipe(
    name: str, out: Path, cache: Path, clips: int, seed: int = 0, seeds: int = 1
) -> Card:
    """Train and save a network, and measure the saved network on unseen clips.

    Args:
        seeds: number of seeds, starting with ``seed``; the first network is saved, with the
            accuracy of all seeds on its card.

    Raises:
        InputError: unknown recipe.
    """
    if name not in TOY_RECIPES:
        raise InputError(f"unknown recipe {name!r}; choose one of {', '.join(TOY_RECIPES)}")
    recipe = TOY_RECIPES[name]
    make_folder(out)
    towers, maps, test = _prepared(recipe, cache, clips)
    card = dataclasses.replace(
        recipe.card,
        data=f"Toybox, {clips:,} clips; measured on {len(TEST_SEEDS):,} unseen ones",
        ceiling=ceilings_of(recipe.card.fusion, recipe.card.heads),
        seed=seed,
        recipe=f"fusionscope train {name} --clips {clips} --seed {seed}",
    )
    figures: list[dict[str, float]] = []
    networks, shifted = [], ()
    for number in range(seed, seed + seeds):
        log.info("training %s, seed %d", name, number)
        epochs = (recipe.fusion_epochs, recipe.head_epochs)
        # Late fusion has no weights of its own: it consists of two streams, trained together.
        whole = TOY_RECIPES["toybox-late"].card if card.fusion is None else card
        trained = train_network(whole, towers, maps, epochs, number)
        networks.append(trained if whole is card else stream_alone(trained, card))
        with TemporaryDirectory() as scratch:
            stored = save_network(networks[-1], card, Path(scratch))
            network = load_network(stored, Path(scratch))
        figures.append(accuracy(network, test))
        shifted = shifted or by_shift(network, test)
        log.info("%s, seed %d: %s", name, number, figures[-1])
    by_seed = tuple((head, tuple(run[head] for run in figures)) for head in figures[0])
    card = dataclasses.replace(
        card,
        accuracy=tuple(figures[0].items()),
        tested=len(TEST_SEEDS),
        by_seed=by_seed if seeds > 1 else (),
        by_shift=shifted,
    )
    return save_network(networks[0], card, out)


def _prepared(recipe: ToyRecipe, cache: Path, clips: int) -> tuple[Towers, Maps, Maps]:
    """The shared towers, and their maps of the training and test clips."""
    both, place = dataclasses.replace(recipe.card, **_BOTH), trained_from(recipe.card)
    folder = cache / f"clips-{clips}"
    make_folder(folder)

    def training() -> tuple[Towers, ToySet]:
        log.info("preparing %d training clips", clips)
        data = toy_set(range(FIRST_TRAINING_SEED, FIRST_TRAINING_SEED + clips), both, cache)
        return shared_towers(both, data, folder, recipe.tower_epochs, _TOWER_SEED), data

    def unseen() -> tuple[Towers, ToySet]:
        log.info("preparing %d test clips", len(TEST_SEEDS))
        return stored_towers(both, folder, _TOWER_SEED), toy_set(TEST_SEEDS, both, cache)

    maps = shared_maps(folder, "train", training, both, place, range(8), torch.half)
    test = shared_maps(folder, "test", unseen, both, place, range(1), torch.float)
    return stored_towers(both, folder, _TOWER_SEED), maps, test
