"""Toybox recipes: the accuracy of the shipped networks, compared with their ceilings."""

from collections.abc import Mapping

import pytest

from fusionscope.base.records import InputError
from fusionscope.card import Card
from fusionscope.data.toybox.ceilings import CEILINGS, ceilings_of
from fusionscope.data.toybox.world import BUNDLED, toy_world
from fusionscope.nets.store.catalogue import cards
from fusionscope.nets.store.loading import load_network
from fusionscope.trace import run
from fusionscope.training.toybox.recipes import (
    FIRST_TRAINING_SEED,
    TEST_SEEDS,
    TOY_RECIPES,
    train_toy_recipe,
)
from fusionscope.video.flow.methods import dense_flow

SHIPPED: Mapping[str, Card] = {n: c for n, c in cards().items() if c.world == "toybox"}


@pytest.mark.parametrize("name", SHIPPED)
def test_no_network_beats_its_ceiling_by_more_than_chance(name: str):
    card = SHIPPED[name]
    limits = dict(ceilings_of(card.fusion, card.heads))
    assert dict(card.ceiling) == limits
    # Scores of streams that never meet have no exact bound: they know no more than fused ones.
    bound = float(CEILINGS["fusion of features, chunks averaged or max-pooled"])
    for head, share in card.accuracy:
        limit = limits.get(head, bound)
        chance = 3 * (limit * (1 - limit) / len(TEST_SEEDS)) ** 0.5
        assert share <= limit + chance, f"{head} knows what it cannot: the world leaks"


@pytest.mark.parametrize("name", TOY_RECIPES)
def test_every_recipe_has_its_shipped_network(name: str):
    card, recipe = SHIPPED[name], TOY_RECIPES[name].card
    for field in ("spatial", "temporal", "fusion", "place", "pool", "chunks", "stack", "size"):
        assert getattr(card, field) == getattr(recipe, field)
    assert card.recipe.startswith(f"fusionscope train {name} ")


@pytest.mark.slow
def test_the_fused_network_names_unseen_clips_through_the_whole_way():
    """From pixels: render, DIS flow, sample, run. Of 12 clips a network of 98 % rarely misses 3."""
    network = load_network(SHIPPED["toybox-conv3d"])
    right = 0
    for seed in range(12):
        world = toy_world(seed)
        trace = run(network, world.clip, dense_flow(world.clip))
        right += trace.card.labels[int(trace.logits["spatiotemporal"].argmax())] == world.plan.label
    assert right >= 10


def test_test_clips_are_never_trained_on():
    assert max(TEST_SEEDS) < FIRST_TRAINING_SEED
    assert set(BUNDLED) <= set(TEST_SEEDS)


def test_an_unknown_recipe_is_refused(tmp_path):
    with pytest.raises(InputError, match="unknown recipe 'soup'"):
        train_toy_recipe("soup", tmp_path, tmp_path, 1, 0)
