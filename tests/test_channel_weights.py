"""Correspondence and meeting: the filters of a fusion, and what comes through them on a clip."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from torch import nn

from fusionscope.base.records import InputError
from fusionscope.explain.fusion.channel_weights import contributions, correspondence
from fusionscope.explain.fusion.contributions import incoming, unit_contributions
from fusionscope.explain.fusion.lens import before_relu, lens
from fusionscope.nets.fusion_init import RANDOM, STARTS
from fusionscope.nets.network import Network
from fusionscope.trace import Trace, run

OPERATORS = ("sum", "max", "cat", "conv", "conv3d")


@pytest.fixture(scope="module", params=OPERATORS)
def pair(request: pytest.FixtureRequest, build, trace: Trace) -> tuple[Network, Trace]:
    """A network with such a fusion, its filters far from their start, and its run."""
    network = build(dataclasses.replace(trace.card, fusion=request.param, place="relu5"))
    torch.manual_seed(3)
    for value in network.fusions.parameters():
        value.normal_(std=0.3)
    return network, run(network, trace.clip, trace.flow)


def test_the_parts_add_up_to_what_goes_on_in_every_cell(pair: tuple[Network, Trace]):
    network, found = pair
    whole = before_relu(network, found, "relu5")
    learned = network.fusions["relu5"].learned
    for channel in (0, 5, whole.shape[1] - 1):
        met = unit_contributions(network, found, "relu5", channel)
        total = met.bias + met.appearance + met.motion
        np.testing.assert_allclose(total, whole[:, channel], atol=1e-4)
        np.testing.assert_allclose(met.fused, np.maximum(total, 0) if learned else total, atol=1e-4)


def test_the_lens_and_the_meeting_tell_the_same_shares(pair: tuple[Network, Trace]):
    network, found = pair
    met = unit_contributions(network, found, "relu5", 7)
    seen = lens(network, found, "relu5", 7, (1, 2, 3))
    assert seen.shares == pytest.approx((met.appearance[1, 2, 3], met.motion[1, 2, 3]), abs=1e-4)


def test_contributions_are_the_mean_sizes_of_the_parts(pair: tuple[Network, Trace]):
    network, found = pair
    met = unit_contributions(network, found, "relu5", 7)
    by_hand = np.abs(met.appearance).mean(), np.abs(met.motion).mean()
    assert contributions(network, found, "relu5")[7] == pytest.approx(by_hand, rel=1e-4)


@pytest.mark.parametrize("fusion", ["conv", "conv3d"])
def test_a_filter_at_its_start_has_not_drifted_and_one_moved_by_hand_has(build, card, fusion):
    network = build(dataclasses.replace(card, fusion=fusion, start="2sumAB"))
    mix = network.fusions["relu5"].mix
    fresh = Network(network.card).state_dict()["fusions.relu5.mix.weight"]
    mix.weight.copy_(fresh)
    assert correspondence(network, "relu5").drift == pytest.approx(np.zeros(96))
    before = mix.weight[4].clone()
    mix.weight[4] *= 3  # by twice its own length
    drift = correspondence(network, "relu5").drift
    mix.weight[4].copy_(before)
    assert drift is not None
    assert drift[4] == pytest.approx(2)
    assert drift[5] == pytest.approx(0)


def test_the_share_of_motion_by_hand(build, card):
    network = build(dataclasses.replace(card, fusion="conv"))
    weight = network.fusions["relu5"].mix.weight
    weight[2].zero_()
    weight[2, :96, 0, 0][:2] = torch.tensor([3.0, 4.0])  # length 5 of appearance
    weight[2, 96 + 9] = -15.0  # length 15 of motion
    found = correspondence(network, "relu5")
    assert found.share[2] == pytest.approx(0.75)
    assert found.weight[2, 0, 1] == pytest.approx(4)
    assert found.weight[2, 1, 9] == pytest.approx(-15)


def test_the_share_counts_every_tap_of_a_filter_over_space_and_time(build, card):
    network = build(dataclasses.replace(card, fusion="conv3d"))
    weight = network.fusions["relu5"].mix.weight
    weight[0].zero_()
    weight[0, 0, 0, 0, 0] = 1.0
    weight[0, 96, 1, 1, 1] = 3.0
    found = correspondence(network, "relu5")
    assert found.share[0] == pytest.approx(0.75)
    assert found.weight[0, 0].any() == False  # noqa: E712  (the cell's own tap is empty)
    assert found.weight[0, 1, 0] == pytest.approx(3)


@pytest.mark.parametrize("start", sorted(RANDOM))
def test_from_a_drawn_start_no_drift_is_claimed(build, card, start):
    assert start in STARTS
    network = build(dataclasses.replace(card, fusion="conv", start=start))
    assert correspondence(network, "relu5").drift is None


def test_operators_without_weights_have_a_fixed_correspondence(build, card):
    joined = correspondence(build(dataclasses.replace(card, fusion="sum")), "relu5")
    assert np.array_equal(joined.weight[:, 0], np.eye(96))
    assert np.array_equal(joined.weight[:, 1], np.eye(96))
    assert joined.drift is None
    stacked = correspondence(build(dataclasses.replace(card, fusion="cat")), "relu5")
    assert stacked.weight.shape == (192, 2, 96)
    assert np.array_equal(stacked.share, np.repeat([0.0, 1.0], 96))
    assert stacked.weight[96 + 5, 1, 5] == 1


def test_bilinear_fusion_says_that_it_has_no_map(build, trace: Trace):
    network = build(dataclasses.replace(trace.card, fusion="bilinear", pool="2d"))
    found = run(network, trace.clip, trace.flow)
    for ask in (
        lambda: correspondence(network, "relu5"),
        lambda: contributions(network, found, "relu5"),
        lambda: unit_contributions(network, found, "relu5", 0),
    ):
        with pytest.raises(InputError, match="bilinear"):
            ask()


def test_behind_an_earlier_fusion_the_fused_tower_meets_motion(build, trace: Trace):
    network = build(
        dataclasses.replace(trace.card, fusion="conv", place="relu3+relu5+fc6", pool="2d")
    )
    found = run(network, trace.clip, trace.flow)
    for place in network.fusions:
        cells, motion = incoming(network, found, place)
        with torch.inference_mode():
            again = network.fuse(place, cells, motion)[0].numpy()
        np.testing.assert_allclose(again, found.fused[place], atol=1e-4)
        seen = lens(network, found, place, 0, (0, 0, 0))
        value = max(0.0, seen.value)
        assert value == pytest.approx(found.fused[place][0, 0, 0, 0], abs=1e-4)


def test_unequal_grids_meet_padded(build, trace: Trace):
    """Streams whose maps differ by a row and a column, as VGG-16 and VGG-M do."""
    network = build(dataclasses.replace(trace.card, fusion="sum", pool="2d"))
    assert network.temporal is not None
    network.temporal.stages["relu5"].append(nn.ConstantPad2d((0, -1, 0, -1), 0.0))
    found = run(network, trace.clip, trace.flow)
    seen = lens(network, found, "relu5", 3, (0, found.fused["relu5"].shape[2] - 1, 0))
    assert seen.activation[1].any() == False  # noqa: E712  (padded)
    assert seen.value == pytest.approx(found.fused["relu5"][0, 3, -1, 0])
