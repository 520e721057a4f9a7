"""Training steps: rates, optimisers, parts of a batch, class weights, saved state."""

from __future__ import annotations

import csv
import dataclasses
import math
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from fusionscope.card import Card
from fusionscope.data.clip_cache import Kept
from fusionscope.nets.network import Network
from fusionscope.training.recipe import Recipe
from fusionscope.training.steps.class_weights import class_weights
from fusionscope.training.steps.parameter_groups import build_optimiser, parameter_groups
from fusionscope.training.steps.rate_schedule import rate_at
from fusionscope.training.trainer import train
from tests.tiny_training import CARD, PLAN, clips_in, fresh

SHORT = dataclasses.replace(PLAN, epochs=1, average=0.0)


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[Kept]:
    return clips_in(tmp_path_factory.mktemp("clips"))


def weights(network: nn.Module) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in network.state_dict().items()}


def test_a_step_schedule_drops_after_its_epochs():
    plan = dataclasses.replace(
        PLAN, schedule="step", rate=1e-2, epochs=10, drops=(4, 6.5), drop=0.1, warm=0.0
    )
    rates = [rate_at(plan, step, 100) for step in range(1, 101)]  # 10 steps an epoch
    assert rates == pytest.approx([1e-2] * 40 + [1e-3] * 25 + [1e-4] * 35)


def test_a_cosine_schedule_rises_and_falls():
    plan = dataclasses.replace(PLAN, rate=1.0, warm=0.25)
    rates = [rate_at(plan, step, 8) for step in range(1, 9)]
    assert rates[:2] == pytest.approx([0.25, 0.75])
    assert rates[2:] == pytest.approx(
        [(1 + math.cos(math.pi * (k + 0.5) / 6)) / 2 for k in range(6)]
    )


def test_sgd_moves_weights_by_momentum_and_decay():
    network = nn.Sequential(nn.Conv2d(1, 1, 1))
    filters, bias = network.parameters()
    plan = dataclasses.replace(PLAN, optimiser="sgd", rate=0.1, momentum=0.9, decay=0.5)
    groups = [
        {"params": [filters], "factor": 1.0, "weight_decay": plan.decay},
        {"params": [bias], "factor": 1.0, "weight_decay": 0.0},
    ]
    optimiser = build_optimiser(groups, plan)
    w, b, moved = float(filters.detach()), float(bias.detach()), 0.0
    for grad in (2.0, -1.0):
        filters.grad, bias.grad = torch.full_like(filters, grad), torch.zeros_like(bias)
        optimiser.step()
        moved = 0.9 * moved + grad + 0.5 * w
        w -= 0.1 * moved
    assert float(filters.detach()) == pytest.approx(w, rel=1e-6)
    assert float(bias.detach()) == b


def test_biases_of_filters_have_their_own_rate_and_those_of_norms_do_not():
    card = Card("x", "X", ("a", "b"), spatial="efficientnet-lite0")
    network = Network(card)
    groups = parameter_groups(network, Recipe(card, bias_rate=2.0, towers=0.5))
    by_id = {id(value): group["factor"] for group in groups for value in group["params"]}
    named = {name: by_id[id(value)] for name, value in network.named_parameters()}
    assert named["spatial.stages.fc8.1.bias"] == 2.0
    assert named["spatial.stages.fc8.1.weight"] == 1.0
    assert named["spatial.stages.relu1.1.bias"] == 0.5  # a batch norm


def test_parts_of_a_batch_add_up_to_the_batch(tmp_path: Path, clips: list[Kept]):
    whole = weights(train(fresh(), SHORT, clips, tmp_path / "whole"))
    plan = dataclasses.replace(SHORT, accumulate=2)
    parts = weights(train(fresh(), plan, clips, tmp_path / "parts"))
    start = weights(fresh())
    assert any(not torch.equal(whole[name], start[name]) for name in whole)
    for name, value in whole.items():
        torch.testing.assert_close(parts[name], value, rtol=1e-3, atol=2e-5)


@pytest.mark.slow
def test_bfloat16_learns_other_bits_of_the_same_thing(tmp_path: Path, clips: list[Kept]):
    from accelerate import Accelerator
    from accelerate.state import AcceleratorState

    plan = dataclasses.replace(SHORT, precision="bf16")
    plain = weights(train(fresh(), SHORT, clips, tmp_path / "plain"))
    AcceleratorState._reset_state()
    try:
        half = Accelerator(mixed_precision="bf16", cpu=True)
        found = weights(train(fresh(), plan, clips, tmp_path / "half", accelerator=half))
    finally:
        AcceleratorState._reset_state()
    assert any(not torch.equal(found[name], plain[name]) for name in plain)
    for name, value in plain.items():
        torch.testing.assert_close(found[name], value, rtol=0.1, atol=5e-3)


def test_class_weights_give_each_class_the_same_share():
    found = class_weights([0, 0, 0, 2], 4)
    assert found.tolist() == pytest.approx([4 / 6, 0.0, 2.0, 0.0])
    scores = torch.randn(4, 4, dtype=torch.float64)
    target = functional.one_hot(torch.tensor([0, 0, 0, 2]), 4).double()
    loss = functional.cross_entropy(scores, target, found.double())
    each = -(target * scores.log_softmax(1)).sum(1)
    torch.testing.assert_close(loss, (each[:3].mean() + each[3]) / 2)


@pytest.mark.slow
def test_balanced_training_learns_otherwise(tmp_path: Path, clips: list[Kept]):
    plan = dataclasses.replace(SHORT, mixup=0.0, smoothing=0.0)  # 3, 3 and 2 clips of 3 classes
    plain = weights(train(fresh(), plan, clips, tmp_path / "plain"))
    balanced = dataclasses.replace(plan, balanced=True)
    found = weights(train(fresh(), balanced, clips, tmp_path / "balanced"))
    assert not torch.equal(found["spatial.stages.fc8.bias"], plain["spatial.stages.fc8.bias"])


def test_state_and_curve_are_written_at_the_start_and_by_the_clock(
    tmp_path: Path, clips: list[Kept]
):
    saved: list[int] = []

    def steps_on_disk() -> list[int]:
        with (tmp_path / "curve.csv").open(newline="") as file:
            return [int(row["step"]) for row in csv.DictReader(file) if row["loss"]]

    def measure(network: Network) -> float:  # noqa: ARG001
        saved.append(torch.load(tmp_path / "state.pt", weights_only=True)["step"])
        return 0.5

    train(fresh(), PLAN, clips, tmp_path, every=3, pause=1e9, stop=2)
    assert torch.load(tmp_path / "state.pt", weights_only=True)["step"] == 0
    train(fresh(), PLAN, clips, tmp_path, every=3, pause=0.0, stop=5, measure=measure)
    assert saved == [2]  # the clock saved after each step, the look at step 3 saw that of step 2
    assert torch.load(tmp_path / "state.pt", weights_only=True)["step"] == 5
    assert steps_on_disk() == [1, 2, 3, 4, 5]


def test_the_curve_has_the_loss_of_each_head(tmp_path: Path, clips: list[Kept]):
    train(fresh(), SHORT, clips, tmp_path)
    with (tmp_path / "curve.csv").open(newline="") as file:
        row = next(csv.DictReader(file))
    parts = [float(row[f"loss:{head}"]) for head in CARD.heads]
    assert sum(parts) == pytest.approx(float(row["loss"]), abs=2e-5)
    assert min(parts) > 0
