"""Temperature: it calibrates a head's confidence without changing its predictions."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from fusionscope.evaluation.statistics import fitted_temperature
from fusionscope.training.temperature import cool, temperatures
from tests.tiny_training import CARD, clips_in, fresh

SINGLE = dataclasses.replace(CARD, temporal=None, fusion=None, place="")
KEPT = dataclasses.replace(CARD, keep_temporal=True)


def drawn(temperature: float, count: int = 20_000) -> tuple[np.ndarray, np.ndarray]:
    """Scores, and labels that are drawn by their softmax at a temperature."""
    random = np.random.default_rng(0)
    scores = random.normal(size=(count, 4)) * 3
    noise = random.gumbel(size=scores.shape)
    return scores, (scores / temperature + noise).argmax(axis=1)


@pytest.mark.parametrize("temperature", [0.4, 1.0, 2.5])
def test_the_temperature_that_labels_were_drawn_by_is_found(temperature: float):
    assert fitted_temperature(*drawn(temperature)) == pytest.approx(temperature, rel=0.05)


def test_an_uninformative_head_becomes_unconfident():
    scores, _ = drawn(1.0)
    labels = np.random.default_rng(1).integers(4, size=len(scores))
    assert fitted_temperature(scores, labels) > 10


def scores(network: torch.nn.Module) -> dict[str, torch.Tensor]:
    random = torch.Generator().manual_seed(0)
    rgb = torch.rand(1, 2, 3, 96, 96, generator=random) * 255
    flow = torch.rand(1, 2, 4, 96, 96, generator=random) * 255
    with torch.no_grad():
        return network.eval()(rgb, flow).logits


def test_each_heads_scores_are_divided_by_its_own_temperature():
    network = fresh(KEPT)
    before = scores(network)
    cool(network, {"spatiotemporal": 0.5, "temporal": 4.0})
    after = scores(network)
    torch.testing.assert_close(after["spatiotemporal"], 2 * before["spatiotemporal"])
    torch.testing.assert_close(after["temporal"], before["temporal"] / 4)


def test_no_temperature_leaves_a_network_as_it_is():
    network = fresh(KEPT)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    cool(network, {})
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


def test_a_head_that_is_not_there_is_a_bug():
    with pytest.raises(ValueError, match=r"expected one of .*'spatial'.*, got temporal"):
        cool(fresh(SINGLE), {"temporal": 2.0})


def test_after_calibration_the_fitted_temperature_is_one(tmp_path: Path):
    clips, network = clips_in(tmp_path), fresh(KEPT)
    found = temperatures(network, clips)
    assert [*found] == ["spatiotemporal", "temporal", "average"]
    cool(network, {head: found[head] for head in KEPT.heads})
    again = temperatures(network, clips)
    told = [head for head in KEPT.heads if found[head] < 50]  # the rest knows nothing
    assert told
    for head in told:
        assert again[head] == pytest.approx(1.0, abs=0.1)
