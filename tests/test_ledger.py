"""Ledger: four passes by hand, terms that add up, and synergy where and only where it is due."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from fusionscope.card import Card
from fusionscope.explain.ledger.ledger import (
    APPEARANCE,
    BOTH,
    MOTION,
    NEITHER,
    Ledger,
    Passes,
    four_passes,
    passes_of,
    passes_of_run,
)
from fusionscope.nets.network import Network, Seen
from fusionscope.nets.store.loading import prepared_for_inference
from fusionscope.trace import Trace, absent_inputs, network_inputs, run
from fusionscope.video.clip import Clip
from fusionscope.video.flow.methods import dense_flow
from fusionscope.video.snippets import Snippets


class Product(Network):
    """A network whose every score is the product of what its streams say: nothing without both."""

    def forward(self, rgb: Tensor | None, flow: Tensor | None) -> Seen:
        if rgb is None or flow is None:
            raise ValueError("expected both streams")
        share = torch.arange(1.0, 1.0 + len(self.card.labels))
        appearance = ((rgb - self.rgb_mean) / 64).square().mean(dim=(1, 2, 3, 4))
        motion = ((flow - self.card.flow_mean) / 32).square().mean(dim=(1, 2, 3, 4))
        return Seen(logits={"spatiotemporal": (appearance * motion)[:, None] * share})


def additive(card: Card, build: Callable[..., Network]) -> Network:
    """Fused by a sum of maps that are never negative, read linearly: its streams only add."""
    network = build(dataclasses.replace(card, fusion="conv", pool="2d", keep_temporal=False))
    assert network.spatial is not None
    torch.manual_seed(0)
    stages = network.spatial.stages
    stages["pool5"], stages["fc6"], stages["fc7"] = nn.Identity(), nn.Identity(), nn.Identity()
    stages["fc8"] = nn.Conv2d(96, len(card.labels), 1)
    return prepared_for_inference(network)


def ledgers(passes: Passes) -> list[Ledger]:
    return [passes.ledger(head, label) for head in passes.logits for label in passes.labels]


def test_terms_by_hand():
    logits = np.array([[10.0, 0], [4, 0], [3, 0], [1, 0]])  # both, appearance, motion, neither
    ledger = Passes(("a", "b"), {"temporal": logits}).ledger("temporal", "a")
    assert ledger == Ledger("temporal", "a", 10, baseline=1, appearance=3, motion=2, synergy=4)


def test_terms_add_up_to_the_logit_of_the_run(trace: Trace, network: Network):
    passes = four_passes(network, trace.snippets)
    assert [*passes.logits] == ["spatiotemporal", "temporal", "average"]
    for ledger in ledgers(passes):
        total = ledger.baseline + ledger.appearance + ledger.motion + ledger.synergy
        assert total == pytest.approx(ledger.logit, abs=1e-6)
        said = trace.final if ledger.head == "average" else trace.logits[ledger.head]
        assert ledger.logit == pytest.approx(
            float(said[passes.labels.index(ledger.label)]), rel=1e-4, abs=1e-4
        )


@torch.inference_mode()
def test_an_absent_stream_is_the_mean_picture_or_no_motion(
    card: Card, build: Callable[..., Network], trace: Trace
):
    network = build(dataclasses.replace(card, rgb_mean=(20.0, 90.0, 170.0), flow_mean=127.5))
    passes = four_passes(network, trace.snippets)
    rgb, flow = network_inputs(network, trace.snippets)
    mean = torch.empty_like(rgb)
    for channel, value in enumerate((20.0, 90.0, 170.0)):
        mean[:, :, channel] = value
    still = torch.full_like(flow, 127.5)
    rows = {BOTH: (rgb, flow), APPEARANCE: (rgb, still), MOTION: (mean, flow)}
    for row, given in {**rows, NEITHER: (mean, still)}.items():
        seen = network(*given)
        for head, logits in {**seen.logits, "average": seen.final}.items():
            np.testing.assert_allclose(passes.logits[head][row], logits[0], rtol=1e-4, atol=1e-4)


VARIED = {
    "pooled in time": {},
    "one grid for all": {"fusion": "conv", "pool": "2d"},
    "never met": {"fusion": None},
    "scores added": {"fusion": "sum", "place": "fc8", "pool": "2d", "keep_temporal": False},
    "appearance alone": {"temporal": None, "fusion": None},
    "motion alone": {"spatial": None, "fusion": None},
}


@torch.inference_mode()
@pytest.mark.parametrize("changed", VARIED.values(), ids=VARIED)
def test_the_four_passes_are_those_of_the_whole_network(
    changed: dict[str, Any], card: Card, build: Callable[..., Network], square: Clip
):
    network = build(dataclasses.replace(card, **changed))
    own = run(network, square, dense_flow(square))
    rgb, flow = network_inputs(network, own.snippets)
    mean, still = absent_inputs(network, rgb, flow)
    whole = passes_of(
        network, network(torch.cat((rgb, rgb, mean, mean)), torch.cat((flow, still, flow, still)))
    )
    for passes in (four_passes(network, own.snippets), passes_of_run(network, own)):
        assert [*passes.logits] == [*whole.logits]
        for head, logits in whole.logits.items():
            np.testing.assert_allclose(passes.logits[head], logits, rtol=1e-5, atol=1e-5)


def test_a_run_is_not_run_again(network: Network, trace: Trace):
    """Of a stream that is there, its maps are taken: another input makes no difference."""
    other = Snippets(255 - trace.snippets.rgb, trace.snippets.flow, trace.snippets.frames, 2)
    found = passes_of_run(network, dataclasses.replace(trace, snippets=other))
    for head, logits in four_passes(network, trace.snippets).logits.items():
        np.testing.assert_allclose(found.logits[head], logits, rtol=1e-5, atol=1e-5)


def test_a_network_whose_streams_only_add_has_no_synergy(
    card: Card, build: Callable[..., Network], trace: Trace
):
    found = ledgers(four_passes(additive(card, build), trace.snippets))
    largest = max(abs(ledger.logit) for ledger in found)
    for ledger in found:
        assert abs(ledger.synergy) < 1e-5 * largest
        assert abs(ledger.appearance) > 1e-3 * largest
        assert abs(ledger.motion) > 1e-3 * largest


def test_two_heads_that_never_meet_have_no_synergy_in_their_average(
    card: Card, build: Callable[..., Network], trace: Trace
):
    network = build(dataclasses.replace(card, fusion=None))
    passes = four_passes(network, trace.snippets)
    assert [*passes.logits] == ["spatial", "temporal", "average"]
    largest = max(abs(ledger.logit) for ledger in ledgers(passes))
    for ledger in ledgers(passes):
        assert abs(ledger.synergy) < 1e-5 * largest
        assert (abs(ledger.appearance) < 1e-5 * largest) == (ledger.head == "temporal")
        assert (abs(ledger.motion) < 1e-5 * largest) == (ledger.head == "spatial")


def test_a_product_of_streams_is_all_synergy(card: Card, trace: Trace):
    towerless = dataclasses.replace(card, spatial=None, temporal=None, fusion=None)
    passes = four_passes(prepared_for_inference(Product(towerless)), trace.snippets)
    for ledger in ledgers(passes):
        assert ledger.baseline == ledger.appearance == ledger.motion == 0
        assert ledger.synergy == ledger.logit != 0


def test_a_fused_network_has_synergy(trace: Trace, network: Network):
    passes = four_passes(network, trace.snippets)
    assert any(abs(passes.ledger("spatiotemporal", k).synergy) > 0.01 for k in passes.labels)
    for label in passes.labels:  # its temporal head is blind to appearance
        alone = passes.ledger("temporal", label)
        assert alone.appearance == pytest.approx(0, abs=1e-4)
        assert alone.synergy == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize(("stream", "other"), [("spatial", "temporal"), ("temporal", "spatial")])
def test_a_single_stream_carries_all_but_the_baseline(
    stream: str, other: str, card: Card, build: Callable[..., Network], trace: Trace
):
    fields = {other: None, "fusion": None}
    network = build(dataclasses.replace(card, **fields))  # pyright: ignore[reportArgumentType]
    passes = four_passes(network, trace.snippets)
    assert [*passes.logits] == [stream]
    assert passes.deciding == stream
    for ledger in ledgers(passes):
        carried, silent = ledger.appearance, ledger.motion
        if stream == "temporal":
            carried, silent = silent, carried
        assert silent == ledger.synergy == 0
        assert carried == pytest.approx(ledger.logit - ledger.baseline)
        assert carried != 0


def test_the_average_is_the_mean_of_the_heads_and_decides(trace: Trace, network: Network):
    passes = four_passes(network, trace.snippets)
    mean = (passes.logits["spatiotemporal"] + passes.logits["temporal"]) / 2
    np.testing.assert_allclose(passes.logits["average"], mean, rtol=1e-5, atol=1e-6)
    assert passes.deciding == "average"
    assert passes.said == passes.labels[int(trace.final.argmax())]
    assert passes.said == passes.labels[int(mean[BOTH].argmax())]


def test_passes_are_sealed_and_leave_the_snippets_alone(network: Network, trace: Trace):
    source = np.random.default_rng(0)
    before = [source.integers(0, 256, (3, c, 112, 112)).astype(np.uint8) for c in (3, 4)]
    rgb, flow = (part.copy() for part in before)
    snippets = Snippets(rgb, flow, trace.snippets.frames, 2)
    passes = four_passes(network, snippets)
    assert not any(logits.flags.writeable for logits in passes.logits.values())
    assert {logits.shape for logits in passes.logits.values()} == {(4, 4)}
    np.testing.assert_array_equal(snippets.rgb, before[0])
    np.testing.assert_array_equal(snippets.flow, before[1])
