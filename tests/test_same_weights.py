"""Same weights: a changed weight is detected wherever it matters, and only there."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable

import pytest
import torch
from torch import nn

from fusionscope.card import Card
from fusionscope.nets.network import Network
from fusionscope.nets.same_weights import SharedWeights, shared_weights

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
    assert shared_weights(network, other) == SharedWeights("relu5", "relu5", towers=True)
    assert shared_weights(other, network) == SharedWeights("relu5", "relu5", towers=True)


def test_late_fusion_shares_the_towers_as_far_as_the_other_fuses(
    network: Network, card: Card, build: Build
):
    late = with_towers_of(network, dataclasses.replace(card, fusion=None, place=""), build)
    assert shared_weights(network, late) == SharedWeights("relu5", "relu5", towers=True)
    other = with_towers_of(late, dataclasses.replace(card, fusion=None, place=""), build)
    apart = with_one_weight_changed(other, "spatial.stages.fc8.bias")
    assert shared_weights(other, other).towers
    assert shared_weights(other, apart) == SharedWeights("fc7", "fc8", towers=False)


@pytest.mark.parametrize(("missing", "shared"), [("spatial", "temporal"), ("temporal", "spatial")])
def test_of_a_single_stream_only_that_stream_is_shared(
    network: Network, card: Card, build: Build, missing: str, shared: str
):
    fields = {missing: None, "fusion": None, "place": ""}
    single = with_towers_of(network, dataclasses.replace(card, **fields), build)  # pyright: ignore[reportArgumentType]
    found = shared_weights(network, single)
    assert (getattr(found, missing), getattr(found, shared)) == ("", "relu5")
    assert not found.towers


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("spatial.stages.relu1.0.weight", SharedWeights("", "relu5", towers=False)),
        ("spatial.stages.relu5.0.bias", SharedWeights("relu4", "relu5", towers=False)),
        ("temporal.stages.relu3.0.weight", SharedWeights("relu5", "relu2", towers=False)),
        ("spatial.stages.fc6.0.weight", SharedWeights("relu5", "relu5", towers=True)),
        ("fusions.relu5.mix.weight", SharedWeights("relu5", "relu5", towers=True)),
    ],
)
def test_one_changed_weight_ends_what_is_shared(network: Network, path: str, found: SharedWeights):
    assert shared_weights(network, with_one_weight_changed(network, path)) == found


def test_equal_weights_fed_otherwise_are_not_the_same_tower(
    network: Network, card: Card, build: Build
):
    brighter = with_towers_of(network, dataclasses.replace(card, rgb_scale=1.0), build)
    assert shared_weights(network, brighter) == SharedWeights("", "relu5", towers=False)
    faster = with_towers_of(network, dataclasses.replace(card, flow_scale=1.0), build)
    assert shared_weights(network, faster) == SharedWeights("relu5", "", towers=False)


def test_towers_of_two_kinds_or_widths_share_nothing(network: Network, card: Card, build: Build):
    longer = build(dataclasses.replace(card, stack=4))
    assert shared_weights(network, longer) == SharedWeights("", "", towers=False)
    longer.spatial.load_state_dict(network.spatial.state_dict())  # pyright: ignore[reportOptionalMemberAccess]
    assert shared_weights(network, longer) == SharedWeights("relu5", "", towers=False)


def test_towers_are_compared_up_to_the_earlier_fusion(network: Network, card: Card, build: Build):
    early = with_towers_of(network, dataclasses.replace(card, place="relu3"), build)
    assert shared_weights(network, early) == SharedWeights("relu3", "relu3", towers=True)


def test_the_networks_are_left_as_they_were(network: Network):
    before = {name: value.clone() for name, value in network.state_dict().items()}
    shared_weights(network, network)
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name])
    assert all(isinstance(module, nn.Module) for module in network.modules())
