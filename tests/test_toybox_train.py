"""Training on shared maps: same scores as on pictures, no stage before the fusion, repeatable."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from fusionscope.base.streams import STREAMS
from fusionscope.card import Card
from fusionscope.explain.fusion.misregistration import Displacement
from fusionscope.nets.network import Network
from fusionscope.training.toybox.recipes import TOY_RECIPES
from fusionscope.training.toybox.tower_maps import BASE, Maps, climbed, shared_maps, tower_maps
from fusionscope.training.toybox.towers import Towers, shared_towers, stored_towers
from fusionscope.training.toybox.train import (
    _before_the_last_relu,
    accuracy,
    by_shift,
    stream_alone,
    train_network,
)
from fusionscope.training.toybox.train import trained_from as place_of
from fusionscope.training.toybox.training_set import ToySet
from tests.slow import rest_slow

CARDS = {name: recipe.card for name, recipe in TOY_RECIPES.items()}
BOTH: Card = CARDS["toybox-conv"]
PLACES = ("relu2", "relu3", "relu4", "relu5")


@pytest.fixture(scope="module")
def data() -> ToySet:
    """Three clips of noise, with cells and moves drawn at random."""
    random = np.random.default_rng(4)
    return ToySet(
        random.integers(0, 256, (3, 5, 3, 112, 112), np.uint8),
        random.integers(0, 256, (3, 5, 12, 112, 112), np.uint8),
        random.random((3, 5, 2, 6, 6)) < 0.3,
        np.array([[[0, 1], [2, 3]], [[3, 2], [1, 0]], [[2, 0], [0, 1]]], np.int8),
    )


@pytest.fixture(scope="module")
def towers(tmp_path_factory, data: ToySet) -> Towers:
    folder = tmp_path_factory.mktemp("towers")
    wide = data.take(np.arange(33) % 3)
    return shared_towers(BOTH, wide, folder, 1, 0)


@pytest.fixture(scope="module")
def maps(data: ToySet, towers: Towers) -> dict[str, Maps]:
    return {p: tower_maps(towers, data, BOTH, p, range(2), torch.float) for p in PLACES}


def network_on(towers: Towers, card: Card) -> Network:
    """A network with fresh weights behind the shared towers."""
    torch.manual_seed(5)
    network = Network(card)
    for stream in STREAMS:
        own = getattr(network, stream)
        if own is not None:
            body = {k: v for k, v in towers[stream].state_dict().items() if ".fc" not in k}
            own.load_state_dict(body, strict=False)
    return network.eval()


def random_maps(place: str, seed: int = 0) -> Maps:
    """Maps of 32 clips of noise, which every network can be trained on in a moment."""
    torch.manual_seed(seed)
    channels, side = (64, 12) if place == "relu2" else (96, 6)
    cells, motion = (torch.rand(8, 32, 5, channels, side, side).half() for _ in STREAMS)
    return Maps(cells, motion, torch.randint(12, (8, 32)), torch.rand(8, 32, 5, 16, 6, 6) < 0.1)


@pytest.mark.slow
def test_maps_made_from_lower_ones_are_those_made_from_pictures(towers, maps):
    for place in PLACES[1:]:
        again = climbed(maps[BASE], towers, place)
        for stream in STREAMS:
            torch.testing.assert_close(getattr(again, stream), getattr(maps[place], stream))
        assert torch.equal(again.labels, maps[place].labels)


@pytest.mark.slow
def test_maps_are_read_back_and_not_made_again(tmp_path, towers, data, maps):
    calls = []

    def make() -> tuple[Towers, ToySet]:
        calls.append(1)
        return towers, data

    for _ in range(2):
        found = shared_maps(tmp_path, "some", make, BOTH, "relu4", range(2), torch.float)
        torch.testing.assert_close(found.temporal, maps["relu4"].temporal)
    assert len(calls) == 2  # for the base, and for what is made from it


@pytest.mark.parametrize(
    "name", rest_slow(["toybox-conv-relu2", "toybox-conv", "toybox-conv3d"], "toybox-conv")
)
def test_a_network_predicts_the_same_from_maps_as_from_pictures(name, towers, data, maps):
    network = network_on(towers, CARDS[name])
    place = place_of(network.card)
    with torch.inference_mode():
        whole = network(torch.from_numpy(data.rgb).float(), torch.from_numpy(data.flow).float())
        part = network.onward(maps[place].spatial[0], maps[place].temporal[0], after=place)
    for head, logits in whole.logits.items():
        torch.testing.assert_close(part.logits[head], logits, atol=1e-4, rtol=1e-4)


def test_accuracy_counts_the_clips_named_rightly_by_hand(towers, maps):
    network = network_on(towers, CARDS["toybox-conv-pool2d"])
    with torch.inference_mode():
        seen = network.onward(maps["relu5"].spatial[0], maps["relu5"].temporal[0], after="relu5")
    said = seen.logits["spatiotemporal"].argmax(1)
    labels = maps["relu5"].labels.clone()
    labels[0] = torch.stack((said[0], (said[1] + 1) % 12, said[2]))
    found = accuracy(network, dataclasses.replace(maps["relu5"], labels=labels))
    assert found["spatiotemporal"] == pytest.approx(2 / 3)
    assert list(found) == ["spatiotemporal", "temporal", "average"]


def test_accuracy_by_shift_begins_in_place_and_needs_a_grid(towers, maps):
    network = network_on(towers, CARDS["toybox-conv"])
    shares = by_shift(network, maps["relu5"])
    assert len(shares) == 6
    assert shares[0] == accuracy(network, maps["relu5"])["spatiotemporal"]
    moved = accuracy(network, maps["relu5"], Displacement(right=3))["spatiotemporal"]
    assert shares[3] == moved
    for name in ("toybox-late", "toybox-conv-fc6"):
        assert by_shift(network_on(towers, CARDS[name]), maps["relu5"]) == ()


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("toybox-late", "relu5"),
        ("toybox-spatial", "relu5"),
        ("toybox-conv-fc6", "relu5"),
        ("toybox-conv-relu2", "relu2"),
        ("toybox-conv-relu5-fc8", "relu5"),
        ("toybox-conv3d", "relu5"),
    ],
)
def test_a_network_is_trained_from_its_first_fusion_at_the_latest_relu5(name, place):
    assert place_of(CARDS[name]) == place


@pytest.mark.parametrize("place", ["relu2", "relu3", "relu4", "relu5"])
def test_the_pretrained_map_is_the_last_one_before_its_relu(place, towers, maps):
    card = dataclasses.replace(CARDS["toybox-conv"], place=place)
    network = network_on(towers, card)
    for value in network.fusions.parameters():
        value.data.normal_(std=0.1)
    cells, motion = maps[place].spatial[0], maps[place].temporal[0]
    with torch.inference_mode():
        told = _before_the_last_relu(network, place, cells, motion)
        fused = network.onward(cells, motion, after=place).fused["relu5"]
    assert told.min() < 0
    torch.testing.assert_close(told.relu(), fused)


@pytest.mark.parametrize("name", CARDS)
def test_only_stages_after_the_fusion_are_trained(name, towers):
    card = CARDS[name]
    place = place_of(card)
    network = train_network(card, towers, random_maps(place), (1, 1), 0)
    fresh = train_network(card, towers, random_maps(place), (0, 0), 0)
    start = dict(fresh.named_parameters())
    for weight, value in network.named_parameters():
        stream, _, rest = weight.partition(".stages.")
        names = list(getattr(network, stream).stages) if rest else []
        stage = rest.partition(".")[0]
        below = rest and names.index(stage) <= names.index(place)
        same = torch.equal(value, start[weight])
        if below:
            assert same, f"{weight} was trained"
            shared = dict(towers[stream].stages.named_parameters())
            assert torch.equal(value, shared[rest]), f"{weight} is not the shared tower's"
        else:
            assert not same, f"{weight} was not trained"
    assert not any(value.requires_grad for value in network.parameters())


def test_the_same_seed_gives_the_same_network_and_another_another(towers):
    card = CARDS["toybox-conv"]
    one, two, three = (
        train_network(card, towers, random_maps("relu5"), (1, 1), seed).state_dict()
        for seed in (0, 0, 1)
    )
    assert all(torch.equal(one[name], two[name]) for name in one)
    assert not torch.equal(one["spatial.stages.fc6.0.weight"], three["spatial.stages.fc6.0.weight"])


def test_a_stream_alone_is_that_of_the_two_that_never_meet(towers, maps):
    late = network_on(towers, CARDS["toybox-late"])
    whole = accuracy(late, maps["relu5"])
    for stream in STREAMS:
        alone = stream_alone(late, CARDS[f"toybox-{stream}"])
        assert accuracy(alone, maps["relu5"]) == {stream: whole[stream]}
        for name, value in alone.state_dict().items():
            assert torch.equal(value, late.state_dict()[name])


def test_shared_towers_are_rounded_as_checkpoints_are(tmp_path, towers):
    for tower in towers.values():
        for value in tower.state_dict().values():
            assert torch.equal(value, value.half().float())
    with pytest.raises(FileNotFoundError):
        stored_towers(BOTH, tmp_path, 0)
