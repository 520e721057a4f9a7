"""Occlusion: Captum's numbers by less work, a linear network by hand, and nothing left behind."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from fusionscope.base.records import InputError
from fusionscope.card import Card
from fusionscope.explain.attribution.captum_reference import Reference
from fusionscope.explain.attribution.occlusion import Occlusion, cost_of_occlusion, occlusion
from fusionscope.explain.target import Target
from fusionscope.nets.module_state import state_of
from fusionscope.nets.network import Network
from fusionscope.nets.store.adapted import Adapted
from fusionscope.nets.store.loading import prepared_for_inference
from fusionscope.trace import Trace
from fusionscope.video.snippets import Snippets
from tests.slow import rest_slow

TARGET = Target("average", "two", "three")
Build = Callable[..., Network]

VARIED = {
    "conv3d, averaged": {"pool": "2d"},
    "conv3d early and again": {"place": "relu3+relu5"},
    "conv3d behind the pooling": {"place": "fc6", "keep_temporal": False},
    "conv": {"fusion": "conv"},
    "conv twice": {"fusion": "conv", "place": "relu5+fc8", "pool": "2d"},
    "cat": {"fusion": "cat", "pool": "2d", "keep_temporal": False},
    "max of scores": {"fusion": "max", "place": "fc8", "pool": "2d"},
    "bilinear": {"fusion": "bilinear", "pool": "2d", "keep_temporal": False},
    "late": {"fusion": "sum", "place": "softmax", "pool": "2d"},
    "appearance alone": {"temporal": None, "fusion": None, "pool": "2d"},
    "motion alone, pooled": {"spatial": None, "fusion": None},
}
"""Name -> how a network differs from the tiny one."""


@pytest.mark.parametrize("stream", ["spatial", "temporal"])
@pytest.mark.parametrize(("patch", "stride", "window"), [(40, 40, 1), (56, 50, 2), (112, 112, 3)])
def test_it_finds_what_captum_finds(
    network: Network, trace: Trace, stream: str, patch: int, stride: int, window: int
):
    expected = Reference(network, trace.snippets, TARGET).occlusion(stream, patch, stride, window)
    found = occlusion(network, trace.snippets, TARGET, stream, patch, stride, window)
    assert np.abs(expected).max() > 0.01
    np.testing.assert_allclose(found.pixels, expected, rtol=1e-4, atol=1e-5)


def same_as_captum(network: Network, snippets: Snippets) -> None:
    heads = network.card.heads
    target = dataclasses.replace(TARGET, head="average" if len(heads) > 1 else next(iter(heads)))
    for stream in network.card.streams:
        expected = Reference(network, snippets, target).occlusion(stream, 60, 60, 2)
        found = occlusion(network, snippets, target, stream, 60, 60, 2)
        scale = np.abs(expected).max()
        assert scale > 1e-3
        np.testing.assert_allclose(found.pixels, expected, rtol=1e-4, atol=1e-5 * scale + 2e-6)


@pytest.mark.parametrize("name", rest_slow(VARIED, "conv twice", "motion alone, pooled"))
def test_it_does_so_for_every_kind_of_network(card: Card, build: Build, trace: Trace, name: str):
    same_as_captum(build(dataclasses.replace(card, **VARIED[name])), trace.snippets)


@pytest.mark.parametrize("fusion", ["conv", "conv3d"])
def test_it_does_so_where_the_grids_differ_by_a_cell(
    card: Card, build: Build, trace: Trace, fusion: str
):
    network = build(dataclasses.replace(card, fusion=fusion))
    assert network.spatial is not None
    network.spatial.stages["pool2"] = nn.MaxPool2d(3, stride=2)
    same_as_captum(prepared_for_inference(network), trace.snippets)


def test_a_linear_network_by_hand(card: Card, build: Build, trace: Trace):
    """Scores are the mean over all pixels of 1 red + 2 green + 4 blue, times one weight a class."""
    alone = {"temporal": None, "fusion": None, "pool": "2d", "rgb_mean": (10.0, 20.0, 30.0)}
    network = build(dataclasses.replace(card, **alone))
    assert network.spatial is not None
    mixed, named = nn.Conv2d(3, 1, 1, bias=False), nn.Conv2d(1, 4, 1)
    mixed.weight.data[:] = torch.tensor([1.0, 2.0, 4.0])[None, :, None, None]
    named.weight.data[:] = torch.tensor([0.0, 1.0, -1.0, 3.0])[:, None, None, None]
    for stage in [*network.spatial.stages]:
        del network.spatial.stages[stage]
    network.spatial.stages.update({"relu1": mixed, "fc8": named})
    prepared_for_inference(network)
    rgb = trace.snippets.rgb.astype(float)  # (3, 3, 112, 149)
    given = rgb - np.array([10, 20, 30])[:, None, None]
    lit = np.einsum("tchw,c->thw", given, [1, 2, 4]) / 64 / (3 * 112 * 149)
    found = occlusion(network, trace.snippets, Target("spatial", "four", "two"), "spatial", 50, 40)
    assert found.worth.shape == (3, 3, 4)  # rows from 0, 40, 80; columns from 0, 40, 80, 120
    by_hand = [
        [[2 * lit[t, y : y + 50, x : x + 50].sum() for x in (0, 40, 80, 120)] for y in (0, 40, 80)]
        for t in range(3)
    ]
    np.testing.assert_allclose(found.worth, by_hand, rtol=1e-3, atol=1e-5)
    assert found.patches.rows[-1] == (80, 112)
    two = occlusion(
        network, trace.snippets, Target("spatial", "four", "two"), "spatial", 50, 40, window=2
    )
    np.testing.assert_allclose(two.worth, np.add(by_hand[:-1], by_hand[1:]), rtol=1e-3, atol=1e-5)
    ends, middle = np.array(two.worth)[[0, 1]], np.mean(two.worth, axis=0)
    np.testing.assert_allclose(two.cells, [ends[0], middle, ends[1]])


def test_absent_motion_is_worth_nothing_where_there_is_none(network: Network, trace: Trace):
    flow = trace.snippets.flow.copy()
    flow[1] = 128  # the second chunk stands still
    still = Snippets(trace.snippets.rgb, flow, trace.snippets.frames, trace.snippets.stack)
    found = occlusion(network, still, TARGET, "temporal", 40)
    assert np.abs(found.worth[1]).max() < 1e-5 * np.abs(found.worth).max()
    assert np.abs(found.worth[[0, 2]]).max() > 0.01


class Whole(nn.Module):
    """Somebody's module, of which nothing is known but what it answers."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, rgb: torch.Tensor, flow: torch.Tensor) -> object:
        return self.network(rgb, flow)


def test_an_adapted_network_is_run_whole_and_gives_the_same(network: Network, trace: Trace):
    adapted = Adapted(network.card, Whole(network))
    for stream in ("spatial", "temporal"):
        asked = (trace.snippets, TARGET, stream, 56, 56, 2)
        whole, found = occlusion(adapted, *asked), occlusion(network, *asked)
        np.testing.assert_allclose(whole.worth, found.worth, rtol=1e-4, atol=1e-5)


def test_nothing_is_left_changed(card: Card, build: Build, trace: Trace):
    network = build(card)
    before = state_of(network)
    with torch.enable_grad():
        cost_of_occlusion(network, trace.snippets, TARGET, "spatial", 56)
        found = occlusion(network, trace.snippets, TARGET, "spatial", 56)
        assert torch.is_grad_enabled()
    assert state_of(network) == before
    with pytest.raises(ValueError, match="read-only"):
        found.worth[0] = 0


def test_the_record_says_what_it_shows(network: Network, trace: Trace):
    found = occlusion(network, trace.snippets, TARGET, "temporal")
    assert isinstance(found, Occlusion)
    assert (found.patches.patch, found.patches.stride) == (16, 16)  # a seventh of 112
    assert found.cells.shape == (3, 7, 10)
    assert found.pixels.shape == (3, 112, 149)
    assert (found.target, found.stream, found.baseline) == (TARGET, "temporal", "no motion")
    scores = trace.final
    assert found.score == pytest.approx(scores[1] - scores[2], abs=1e-4)
    assert found.seconds > 0
    assert found.patches.extent == pytest.approx((0, 0, 160 / 149, 1))


class Enough(Exception):
    """Raised by a person who does not want to wait."""


def test_it_reports_after_each_batch_and_stops_when_told(
    network: Network, trace: Trace, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("fusionscope.explain.attribution.cost.BOUND", 1)  # one place at a time
    reports: list[float] = []

    def progress(stage: str, done: float) -> None:
        assert stage == "occlusion"
        reports.append(done)
        if done > 0.4:
            raise Enough

    with pytest.raises(Enough):
        occlusion(network, trace.snippets, TARGET, "spatial", 56, progress=progress)
    assert reports == pytest.approx([0, 1 / 6, 2 / 6, 3 / 6])


def test_small_batches_find_what_a_large_one_finds(
    network: Network, trace: Trace, monkeypatch: pytest.MonkeyPatch
):
    whole = occlusion(network, trace.snippets, TARGET, "spatial", 56)
    monkeypatch.setattr("fusionscope.explain.attribution.cost.BOUND", 1)
    by_one = occlusion(network, trace.snippets, TARGET, "spatial", 56)
    np.testing.assert_allclose(by_one.worth, whole.worth, rtol=1e-4, atol=1e-5)


def test_its_cost_is_known_before(network: Network, trace: Trace):
    cost = cost_of_occlusion(network, trace.snippets, TARGET, "spatial", 56, 30, 2)
    assert cost.passes == 2 * 3 * 5  # windows, rows, columns: the picture is 112x149
    assert cost.seconds > 0
    assert 0 < cost.bytes <= 512 * 2**20
    assert 1 <= cost.batch <= 3 * 5


def test_what_does_not_fit_is_told(card: Card, build: Build, network: Network, trace: Trace):
    def ask(**fields: object) -> None:
        occlusion(network, trace.snippets, TARGET, **{"stream": "spatial", **fields})  # pyright: ignore[reportArgumentType]

    with pytest.raises(InputError, match=r"'fused'.*spatial, temporal"):
        ask(stream="fused")
    with pytest.raises(InputError, match=r"113 pixels.*1 to 112"):
        ask(patch=113)
    with pytest.raises(InputError, match=r"21 pixels.*1 to 20"):
        ask(patch=20, stride=21)
    with pytest.raises(InputError, match=r"4 chunks.*1 to 3"):
        ask(window=4)
    network = build(dataclasses.replace(card, temporal=None, fusion=None))
    with pytest.raises(InputError, match="no temporal stream"):
        ask(stream="temporal")
