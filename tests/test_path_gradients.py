"""Gradients: by hand on a linear network, and what must hold of any."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from fusionscope.card import Card
from fusionscope.explain.attribution.path_gradients import (
    PIECES,
    PathGradients,
    integrated_gradients,
    smooth_grad,
)
from fusionscope.explain.target import Target
from fusionscope.nets.network import Network, Seen
from fusionscope.nets.store.adapted import Adapted
from fusionscope.trace import Trace

TARGET = Target("one", "two")


class Weighted(nn.Module):
    """Each class a weighted sum of all values; ``bend`` puts a square on top."""

    def __init__(self, snippets_of: Trace, bend: bool) -> None:
        super().__init__()
        dice = torch.Generator().manual_seed(3)
        shapes = snippets_of.snippets.rgb.shape, snippets_of.snippets.flow.shape
        self.rgb, self.flow = (
            nn.Parameter(torch.randn((4, *shape), generator=dice) * 1e-3, requires_grad=False)
            for shape in shapes
        )
        self.bend = bend

    def forward(self, rgb: Tensor, flow: Tensor) -> Seen:
        scores = torch.einsum("btchw,ktchw->bk", rgb, self.rgb) + torch.einsum(
            "btchw,ktchw->bk", flow, self.flow
        )
        return Seen(logits={"one": scores + 0.01 * scores**2 if self.bend else scores})


@pytest.fixture(scope="module")
def plain(card: Card, trace: Trace) -> Network:
    return Adapted(dataclasses.replace(card, name="plain"), Weighted(trace, bend=False)).eval()


def by_hand(network: Network, trace: Trace, label: str) -> list[np.ndarray]:
    """Weight times (input less baseline), summed over channels."""
    module = network.module
    assert isinstance(module, Weighted)
    k = trace.card.labels.index(label)
    mean, card = np.reshape(trace.card.rgb_mean, (3, 1, 1)), trace.card
    return [
        (weight[k].numpy() * (part.astype(float) - low)).sum(axis=1)
        for weight, part, low in (
            (module.rgb, trace.snippets.rgb, mean),
            (module.flow, trace.snippets.flow, card.flow_mean),
        )
    ]


def both(found: PathGradients) -> list[np.ndarray]:
    return [found.rgb, found.flow]


def close(found: list[np.ndarray], expected: list[np.ndarray]) -> None:
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-4 * np.abs(other).max())


def test_of_a_linear_network_they_are_weight_times_input_less_baseline(
    plain: Network, trace: Trace
):
    found = integrated_gradients(plain, trace.snippets, TARGET)
    close(both(found), by_hand(plain, trace, "two"))
    assert found.gap == pytest.approx(0, abs=1e-3 * abs(found.change))


def test_a_lead_is_the_difference_of_both_maps(plain: Network, trace: Trace):
    lead = integrated_gradients(plain, trace.snippets, Target("one", "two", "four"))
    two, four = (by_hand(plain, trace, label) for label in ("two", "four"))
    close(both(lead), [a - b for a, b in zip(two, four, strict=True)])


def test_the_path_is_followed_and_not_its_end_alone(card: Card, trace: Trace):
    """(s + s²/100) along a straight path: the mean slope is 1 + (s(x) + s(x')) / 100."""
    bent = Adapted(dataclasses.replace(card, name="bent"), Weighted(trace, bend=True)).eval()
    found = integrated_gradients(bent, trace.snippets, TARGET)
    module = bent.module
    assert isinstance(module, Weighted)
    k = card.labels.index("two")
    ends = []
    for rgb, flow in (
        (trace.snippets.rgb.astype(float), trace.snippets.flow.astype(float)),
        (np.reshape(card.rgb_mean, (3, 1, 1)), np.array(card.flow_mean)),
    ):
        ends.append(
            float((module.rgb[k].numpy() * rgb).sum() + (module.flow[k].numpy() * flow).sum())
        )
    slope = 1 + 0.01 * sum(ends)
    close(both(found), [slope * one for one in by_hand(bent, trace, "two")])


def test_a_piece_that_does_not_add_up_is_halved_until_it_does(
    card: Card, trace: Trace, monkeypatch: pytest.MonkeyPatch
):
    """A score that turns sharply on its way: four gradients a piece alone would miss it by far."""

    class Kinked(Weighted):
        kink: float = 0.0

        def forward(self, rgb: Tensor, flow: Tensor) -> Seen:
            scores = super().forward(rgb, flow).logits["one"]
            return Seen(logits={"one": (40 * (scores - self.kink)).relu()})

    module = Kinked(trace, bend=False)
    network = Adapted(dataclasses.replace(card, name="kinked"), module).eval()
    ends = []
    for weight, part, low in (
        (module.rgb, trace.snippets.rgb, np.reshape(card.rgb_mean, (3, 1, 1))),
        (module.flow, trace.snippets.flow, card.flow_mean),
    ):
        ends.append([(weight[1].numpy() * x).sum() for x in (part.astype(float), low + 0 * part)])
    (last, first) = np.sum(ends, axis=0)
    module.kink = float(first + 0.37 * (last - first)) - (0 if last > first else 1e3)
    monkeypatch.setattr(
        "fusionscope.explain.attribution.path_gradients.CLOSE", 1e-3
    )  # as close as maps are compared
    told: list[float] = []
    found = integrated_gradients(network, trace.snippets, TARGET, lambda _, done: told.append(done))
    assert abs(found.gap) <= 5e-4 * abs(found.change)
    assert told == sorted(told)
    assert told[PIECES - 1] == 0.5 < told[PIECES] < told[-1]  # also while pieces are halved
    assert max(told) <= 1
    close(both(found), [found.change / (last - first) * m for m in by_hand(network, trace, "two")])


def test_the_work_has_an_end_and_the_gap_is_told_as_it_is(
    network: Network, trace: Trace, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("fusionscope.explain.attribution.path_gradients.MOST", 8)
    found = integrated_gradients(network, trace.snippets, Target("temporal", "one"))
    assert found.passes <= 8 + 4 * 9
    assert found.gap == pytest.approx(found.flow.sum() - found.change, abs=1e-6)
    assert not found.rgb.any()  # the head does not see appearance
    assert found.flow.any()


def test_smooth_grad_of_a_linear_network_is_its_map_but_for_the_noise_on_the_input(
    plain: Network, trace: Trace
):
    """Slopes are the same everywhere, so what remains is the noise's mean: a fifth of it of 25."""
    found = smooth_grad(plain, trace.snippets, TARGET, samples=200)
    for one, other in zip(both(found), by_hand(plain, trace, "two"), strict=True):
        assert np.corrcoef(one.ravel(), other.ravel())[0, 1] > 0.97


def test_smooth_grad_is_the_same_each_time_and_leaves_the_dice_alone(
    network: Network, trace: Trace
):
    target = Target("average", "one")
    before = torch.random.get_rng_state()
    first, second = (smooth_grad(network, trace.snippets, target, samples=3) for _ in range(2))
    np.testing.assert_array_equal(first.rgb, second.rgb)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_what_progress_raises_ends_the_work_and_nothing_is_left(
    build: Callable[..., Network], card: Card, trace: Trace
):
    network = build(card)

    def stop(stage: str, done: float) -> None:  # noqa: ARG001
        raise KeyboardInterrupt

    for method in (integrated_gradients, smooth_grad):
        with pytest.raises(KeyboardInterrupt):
            method(network, trace.snippets, Target("average", "one"), stop)
    assert all(p.grad is None for p in network.parameters())
    for module in network.modules():
        assert not any(value for key, value in vars(module).items() if "hooks" in key and value)
