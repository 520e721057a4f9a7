"""Kinship: a changed weight is seen wherever it counts, and nowhere else."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable

import pytest
import torch
from torch import nn

from core.card import Card
from core.nets.kinship import Kinship, kinship
from core.nets.network import Network

Build = Callable[..., Network]


def with_towers_of(network: Network, card: Card, build: Build) -> Network:
    """A network of another fusion on copies of this one's towers, its later layers its own."""
    made = build(card, seed=1)
    for stream in ("spatial", "temporal"):
        ours, theirs = getattr(made, stream), getattr(network, stream)
        for name in (f"relu{n}" for n in range(1, 6)) if ours is not None else ():
            ours.stages[name].load_state_dict(theirs.stages[name].state_dict())  # pyright: ignore[reportOptionalMemberAccess]
    return made


def with_one_weight_changed(network: Network, path: str) -> Network:
    changed = copy.deepcopy(network)
    with torch.no_grad():
        weights = changed.get_parameter(path)
        weights[(-1,) * weights.ndim] += 1e-3
    return changed


@pytest.mark.parametrize("fields", [{"fusion": "sum"}, {"fusion": "cat", "pool": "2d"}])
def test_other_fusions_on_the_same_towers_are_known_as_such(
    network: Network, card: Card, build: Build, fields: dict[str, str]
):
    other = with_towers_of(network, dataclasses.replace(card, **fields), build)  # pyright: ignore[reportArgumentType]
    assert kinship(network, other) == Kinship("relu5", "relu5", towers=True)
    assert kinship(other, network) == Kinship("relu5", "relu5", towers=True)


def test_late_fusion_shares_the_towers_as_far_as_the_other_fuses(
    network: Network, card: Card, build: Build
):
    late = with_towers_of(network, dataclasses.replace(card, fusion=None, place=""), build)
    assert kinship(network, late) == Kinship("relu5", "relu5", towers=True)
    other = with_towers_of(late, dataclasses.replace(card, fusion=None, place=""), build)
    apart = with_one_weight_changed(other, "spatial.stages.fc8.bias")
    assert kinship(other, other).towers
    assert kinship(other, apart) == Kinship("fc7", "fc8", towers=False)


@pytest.mark.parametrize(("missing", "shared"), [("spatial", "temporal"), ("temporal", "spatial")])
def test_of_a_single_stream_only_that_stream_is_shared(
    network: Network, card: Card, build: Build, missing: str, shared: str
):
    fields = {missing: None, "fusion": None, "place": ""}
    single = with_towers_of(network, dataclasses.replace(card, **fields), build)  # pyright: ignore[reportArgumentType]
    found = kinship(network, single)
    assert (getattr(found, missing), getattr(found, shared)) == ("", "relu5")
    assert not found.towers


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("spatial.stages.relu1.0.weight", Kinship("", "relu5", towers=False)),
        ("spatial.stages.relu5.0.bias", Kinship("relu4", "relu5", towers=False)),
        ("temporal.stages.relu3.0.weight", Kinship("relu5", "relu2", towers=False)),
        ("spatial.stages.fc6.0.weight", Kinship("relu5", "relu5", towers=True)),
        ("fusions.relu5.mix.weight", Kinship("relu5", "relu5", towers=True)),
    ],
)
def test_one_changed_weight_ends_what_is_shared(network: Network, path: str, found: Kinship):
    assert kinship(network, with_one_weight_changed(network, path)) == found


def test_equal_weights_fed_otherwise_are_not_the_same_tower(
    network: Network, card: Card, build: Build
):
    brighter = with_towers_of(network, dataclasses.replace(card, rgb_scale=1.0), build)
    assert kinship(network, brighter) == Kinship("", "relu5", towers=False)
    faster = with_towers_of(network, dataclasses.replace(card, flow_scale=1.0), build)
    assert kinship(network, faster) == Kinship("relu5", "", towers=False)


def test_towers_of_two_kinds_or_widths_share_nothing(network: Network, card: Card, build: Build):
    longer = build(dataclasses.replace(card, stack=4))
    assert kinship(network, longer) == Kinship("", "", towers=False)
    longer.spatial.load_state_dict(network.spatial.state_dict())  # pyright: ignore[reportOptionalMemberAccess]
    assert kinship(network, longer) == Kinship("relu5", "", towers=False)


def test_a_fusion_further_down_is_as_far_as_towers_are_asked_about(
    network: Network, card: Card, build: Build
):
    early = with_towers_of(network, dataclasses.replace(card, place="relu3"), build)
    assert kinship(network, early) == Kinship("relu3", "relu3", towers=True)


def test_the_networks_are_left_as_they_were(network: Network):
    before = {name: value.clone() for name, value in network.state_dict().items()}
    kinship(network, network)
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name])
    assert all(isinstance(module, nn.Module) for module in network.modules())
