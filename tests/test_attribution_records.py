"""Attributions: maps on pixels keep their sums and places, and every method is asked alike."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
import torch

from fusionscope.analysis.analysis import analyse
from fusionscope.analysis.map_reel import attribution_reel
from fusionscope.base.records import InputError
from fusionscope.card import Card
from fusionscope.explain.attribution.attribute import attribute, cost_of_method
from fusionscope.explain.attribution.grad_cam import grad_cam, stages_of
from fusionscope.explain.attribution.methods import ATTRIBUTION_METHODS
from fusionscope.explain.attribution.records import Attribution, StreamMap, rank_correlation, summed
from fusionscope.explain.target import Target
from fusionscope.nets.network import Network
from fusionscope.trace import Trace
from fusionscope.video.clip import Clip
from tests.numbered_reel import contents, read_reel

TARGET = Target("average", "two", "three")


@pytest.fixture(scope="module")
def asked(network: Network, trace: Trace) -> dict[str, Attribution]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fusionscope.explain.attribution.path_gradients.MOST", 8)  # few gradients
        return {method: attribute(network, trace, method, TARGET) for method in ATTRIBUTION_METHODS}


def test_a_spread_map_keeps_its_sums_and_its_places():
    one = StreamMap(np.arange(12.0).reshape(2, 2, 3), (0.25, 0.0, 1.0, 1.0))
    pixels = one.spread(8, 16)
    np.testing.assert_allclose(pixels.sum(axis=(1, 2)), one.cells.sum(axis=(1, 2)))
    assert one.owners(8, 16)[0].tolist() == [0] * 8 + [1] * 4 + [2] * 4
    np.testing.assert_allclose(pixels[1, :4, :8], 6 / 32)
    np.testing.assert_allclose(pixels[1, 4:, 12:], 11 / 16)


def test_blocks_are_summed_whole():
    pixels = np.random.default_rng(0).normal(size=(3, 30, 45))
    blocks = summed(pixels, 10)
    assert blocks.shape == (3, 10, 15)
    np.testing.assert_allclose(blocks[1, 2, 3], pixels[1, 6:9, 9:12].sum())
    odd = summed(pixels, 7)
    assert odd.shape == (3, 7, 10)
    np.testing.assert_allclose(odd.sum(axis=(1, 2)), pixels.sum(axis=(1, 2)))


def test_ranks_agree_whatever_the_scale_and_the_grid():
    cells = np.random.default_rng(1).normal(size=(2, 4, 4))
    one = StreamMap(cells)
    assert rank_correlation(one, StreamMap(np.exp(cells))) == pytest.approx(1)
    assert rank_correlation(one, StreamMap(-(cells**3))) == pytest.approx(-1)
    finer = np.kron(cells, np.ones((1, 2, 2)))
    assert rank_correlation(one, StreamMap(finer)) == pytest.approx(1)
    assert np.isnan(rank_correlation(one, StreamMap(np.zeros((2, 4, 4)))))


def test_every_method_speaks_of_both_streams_and_is_sealed(
    asked: dict[str, Attribution], trace: Trace
):
    for method, found in asked.items():
        assert [*found.maps] == ["spatial", "temporal"]
        assert found.method == method
        assert found.target == TARGET
        for one in found.maps.values():
            assert len(one.cells) == len(trace.snippets.frames)
            assert one.cells.any()
            assert not one.cells.flags.writeable
        assert ATTRIBUTION_METHODS[method].signed == any(
            (one.cells < 0).any() for one in found.maps.values()
        )
        assert (found.gap is not None) == ATTRIBUTION_METHODS[method].complete


def test_what_promises_completeness_adds_up(asked: dict[str, Attribution]):
    for method, found in asked.items():
        total = sum(float(one.cells.sum()) for one in found.maps.values())
        if ATTRIBUTION_METHODS[method].complete:
            assert found.gap == pytest.approx(total - found.change, abs=1e-4)
            assert method != "shapley" or abs(found.gap or 0) < 1e-4


def test_grad_cam_is_the_signed_one_cut_off_and_is_that_of_the_first_page(
    network: Network, trace: Trace
):
    target = Target("average", "two")
    cut, signed = (attribute(network, trace, m, target) for m in ("grad-cam", "grad-cam-signed"))
    for stream in ("spatial", "temporal"):
        np.testing.assert_array_equal(
            cut.maps[stream].cells, np.maximum(signed.maps[stream].cells, 0)
        )
        known = grad_cam(network, trace.snippets, stream, "relu5", "average", 1)
        np.testing.assert_allclose(cut.maps[stream].cells, known, rtol=1e-5, atol=1e-7)


def test_a_lead_is_the_difference_of_the_signed_maps(network: Network, trace: Trace):
    stage = "fused.relu5"
    lead, two, three = (
        attribute(network, trace, "grad-cam-signed", target, stage).maps["fused"].cells
        for target in (TARGET, Target("average", "two"), Target("average", "three"))
    )
    np.testing.assert_allclose(lead, two - three, atol=1e-5 * float(np.abs(two).max()))


def test_a_head_that_does_not_look_at_a_stage_is_told(network: Network, trace: Trace):
    found = attribute(network, trace, "grad-cam", Target("temporal", "one"), "spatial.relu5")
    assert not found.maps["spatial"].cells.any()
    assert found.maps["temporal"].cells.any()
    assert found.notes == ("The temporal head does not use spatial relu5.",)


def test_the_last_stage_before_the_streams_meet_comes_first_and_none_is_without_a_grid(
    trace: Trace,
):
    known = stages_of(trace)
    assert known[:2] == ["spatial.relu5", "fused.relu5"]
    assert set(known) == {"fused.relu5", *(f"spatial.{s}" for s in ("relu5", "relu4", "relu3"))} | {
        f"spatial.{s}" for s in ("pool2", "relu2", "pool1", "relu1")
    }


def test_a_single_stream_has_one_map(
    card: Card, build: Callable[..., Network], square: Clip, trace: Trace
):
    alone = build(dataclasses.replace(card, spatial=None, fusion=None))
    made = analyse(alone, square, trace.flow).trace
    for method in ("grad-cam", "smoothgrad", "shapley"):
        found = attribute(alone, made, method, Target("temporal", "one"))
        assert [*found.maps] == ["temporal"]


@pytest.mark.parametrize(
    ("method", "stage", "words"),
    [("magic", "", "'magic'.*grad-cam"),
     ("grad-cam", "fused.fc8", r"fused\.fc8.*spatial\.relu5")],
)  # fmt: skip
def test_what_cannot_be_asked_is_one_sentence(
    network: Network, trace: Trace, method: str, stage: str, words: str
):
    with pytest.raises(InputError, match=words):
        attribute(network, trace, method, TARGET, stage)


def test_the_cost_is_told_of_every_method(network: Network, trace: Trace):
    for method in ATTRIBUTION_METHODS:
        cost = cost_of_method(network, trace, method, TARGET)
        assert cost.passes >= 1
        assert cost.seconds > 0
        assert cost.bytes > 0


def test_the_reel_draws_both_streams_on_one_scale_with_nothing_in_its_middle(
    network: Network, square: Clip, trace: Trace
):
    run = analyse(network, square, trace.flow)
    found = attribute(network, run.trace, "smoothgrad", TARGET)
    reel = attribution_reel(run.reel, run.trace, found)
    assert reel.keys == ("frame", "flow", "spatial", "temporal")
    assert reel.panel("temporal").video == "flow"
    for stream in ("spatial", "temporal"):
        drawn = reel.panel(stream).map
        assert drawn is not None
        assert drawn.ramp == "signed"
        assert (drawn.low, drawn.high) == pytest.approx((-found.limit, found.limit * 128 / 127))
        np.testing.assert_allclose(
            drawn.values, found.maps[stream].cells, atol=found.limit / 254, strict=True
        )
    cut = attribution_reel(run.reel, run.trace, attribute(network, run.trace, "grad-cam", TARGET))
    assert [panel.map.ramp for panel in cut.panels if panel.map] == [None, None]
    assert contents(read_reel(reel.to_bytes())) == contents(reel)


def test_attributing_leaves_the_network_as_it_was(network: Network, trace: Trace):
    before = [(p._version, p.requires_grad, p.grad is None) for p in network.parameters()]
    for method in ("grad-cam", "smoothgrad", "shapley"):
        attribute(network, trace, method, TARGET)
    assert [(p._version, p.requires_grad, p.grad is None) for p in network.parameters()] == before
    assert torch.is_grad_enabled()
