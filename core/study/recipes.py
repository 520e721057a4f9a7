"""Recipes: how each network of the zoo is trained, so that one command gives it again."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from core.card import Card
from core.nets.zoo import load_network, save_network
from core.records import InputError
from core.study.ceilings import ceilings_of
from core.study.toybox import LABELS
from core.study.toydata import toy_set
from core.study.toytowers import shared_maps, shared_towers
from core.study.toytrain import accuracy, train_network

log = logging.getLogger(__name__)

TEST_SEEDS = range(1200)
"""Seeds that no network is trained on; the bundled clips are among them."""

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
)


@dataclass(frozen=True)
class Recipe:
    """A card without results, and how long each part learns, in passes over the clips."""

    card: Card
    tower_epochs: int = 4
    fusion_epochs: int = 8
    head_epochs: int = 45


def _toy(name: str, title: str, **fields: object) -> Card:
    return dataclasses.replace(_TOY, name=f"toybox-{name}", title=f"Toybox, {title}", **fields)  # pyright: ignore[reportArgumentType]


_BOTH = {"spatial": "vgg-m-mini", "temporal": "vgg-m-mini"}

RECIPES: Mapping[str, Recipe] = MappingProxyType(
    {
        recipe.card.name: recipe
        for recipe in (
            Recipe(_toy("spatial", "spatial stream", spatial="vgg-m-mini")),
            Recipe(_toy("temporal", "temporal stream", temporal="vgg-m-mini")),
            Recipe(
                _toy("conv3d", "3D conv fusion", **_BOTH, fusion="conv3d", place="relu5", pool="3d")
            ),
        )
    }
)


def train_recipe(name: str, out: Path, cache: Path, clips: int, seed: int) -> Card:
    """Train a network, write it, read it back as it is stored, and measure that on unseen clips.

    Raises:
        InputError: there is no such recipe.
    """
    if name not in RECIPES:
        raise InputError(f"there is no recipe {name!r}; there are {', '.join(RECIPES)}")
    recipe = RECIPES[name]
    card = recipe.card
    cache.mkdir(parents=True, exist_ok=True)
    out.mkdir(parents=True, exist_ok=True)
    both = dataclasses.replace(card, **_BOTH)
    seeds = range(FIRST_TRAINING_SEED, FIRST_TRAINING_SEED + clips)
    log.info("making %d clips to train on", clips)
    data = toy_set(seeds, card, cache)
    towers = shared_towers(both, data, cache, recipe.tower_epochs, seed)
    maps = shared_maps(towers, data, both, cache / f"maps-{seed}-{clips}.safetensors")
    log.info("training %s", name)
    epochs = (recipe.fusion_epochs, recipe.head_epochs)
    network = train_network(card, towers, maps, epochs, seed)
    card = dataclasses.replace(
        card,
        data=f"Toybox, {clips:,} clips; measured on {len(TEST_SEEDS):,} unseen ones",
        ceiling=ceilings_of(card.fusion, card.heads),
        seed=seed,
        recipe=f"fusionscope train {name} --clips {clips} --seed {seed}",
    )
    card = save_network(network, card, out)
    log.info("making %d clips to measure on", len(TEST_SEEDS))
    measured = accuracy(load_network(card, out), toy_set(TEST_SEEDS, card, cache))
    return save_network(network, dataclasses.replace(card, accuracy=tuple(measured.items())), out)
