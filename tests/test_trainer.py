"""Trainer: the same weights with or without a kill, with one process or two."""

from __future__ import annotations

import csv
import dataclasses
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from fusionscope.base.records import InputError
from fusionscope.data.clip_cache import Kept
from fusionscope.nets.network import Network
from fusionscope.training.steps.parameter_groups import parameter_groups
from fusionscope.training.trainer import train
from tests.slow import rest_slow
from tests.tiny_training import CARD, LABELS, PLAN, clips_in, fresh

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[Kept]:
    return clips_in(tmp_path_factory.mktemp("clips"))


def weights(network: nn.Module) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in network.state_dict().items()}


def same(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[k], other[k]) for k in one)


def losses(folder: Path) -> list[float]:
    with (folder / "curve.csv").open(newline="") as file:
        return [float(row["loss"]) for row in csv.DictReader(file) if row["loss"]]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, clips: list[Kept]) -> dict[str, Tensor]:
    """The weights of a run that nothing broke off."""
    return weights(train(fresh(), PLAN, clips, tmp_path_factory.mktemp("whole"), every=2))


def test_it_learns(tmp_path: Path, clips: list[Kept]):
    plan = dataclasses.replace(PLAN, epochs=15, mixup=0.0)
    train(fresh(), plan, clips, tmp_path)
    found = losses(tmp_path)
    assert len(found) == 30
    assert sum(found[-4:]) < 0.8 * sum(found[:4])


@pytest.mark.parametrize("stop", rest_slow([3, 4, 7], 3))
def test_a_resumed_run_ends_like_an_uninterrupted_one(
    tmp_path: Path, clips: list[Kept], whole: dict[str, Tensor], stop: int
):
    train(fresh(), PLAN, clips, tmp_path, every=2, stop=stop)
    assert len(losses(tmp_path)) == stop
    found = weights(train(fresh(), PLAN, clips, tmp_path, every=2))
    assert same(found, whole)
    assert len(losses(tmp_path)) == 8  # no step stands twice in the curve


@pytest.mark.slow
def test_a_killed_run_is_resumed_to_the_same_weights(tmp_path: Path):
    def command(folder: str) -> list[str]:
        return [sys.executable, "-m", "tests.tiny_training", str(tmp_path / folder)]

    killed = subprocess.Popen(command("killed"), cwd=ROOT)
    while not (tmp_path / "killed/state.pt").exists():
        assert killed.poll() is None
        time.sleep(0.01)
    os.kill(killed.pid, signal.SIGKILL)
    assert killed.wait() == -signal.SIGKILL
    assert not (tmp_path / "killed/final-0.pt").exists()
    subprocess.run(command("killed"), cwd=ROOT, check=True)
    subprocess.run(command("whole"), cwd=ROOT, check=True)
    went_on, whole = (
        torch.load(tmp_path / folder / "final-0.pt", weights_only=True)
        for folder in ("killed", "whole")
    )
    assert same(went_on, whole)


@pytest.mark.slow
def test_two_processes_learn_what_one_does(tmp_path: Path):
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2"]
    own = {**os.environ, "MASTER_ADDR": "127.0.0.1", "OMP_NUM_THREADS": "1"}
    one, two = tmp_path / "one", tmp_path / "two"
    script = ["-m", "tests.tiny_training"]
    subprocess.run([sys.executable, *script, str(one)], cwd=ROOT, env=own, check=True)
    subprocess.run(
        [*launch, *script, str(two)],
        cwd=ROOT,
        env=own,
        check=True,
    )
    assert losses(two) == pytest.approx(losses(one), rel=1e-4)
    alone, first, second = (
        torch.load(path, weights_only=True)
        for path in (one / "final-0.pt", two / "final-0.pt", two / "final-1.pt")
    )
    assert same(first, second)
    for name, value in alone.items():
        torch.testing.assert_close(first[name], value, rtol=1e-3, atol=1e-4)


def test_the_best_validated_weights_are_kept(tmp_path: Path, clips: list[Kept]):
    looks: list[dict[str, Tensor]] = []

    def measure(network: Network) -> float:
        looks.append(weights(network))
        return (0.2, 0.9, 0.4, 0.3)[len(looks) - 1]

    found = train(fresh(), PLAN, clips, tmp_path, every=2, measure=measure)
    assert len(looks) == 4
    assert same(weights(found), looks[1])
    with (tmp_path / "curve.csv").open(newline="") as file:
        seen = [row["watched"] for row in csv.DictReader(file) if row["watched"]]
    assert seen == ["0.20000", "0.90000", "0.40000", "0.30000"]


@pytest.mark.slow
def test_the_best_survives_a_break(tmp_path: Path, clips: list[Kept]):
    shares = iter((0.9, 0.1, 0.2, 0.3))
    looks: list[dict[str, Tensor]] = []

    def measure(network: Network) -> float:
        looks.append(weights(network))
        return next(shares)

    train(fresh(), PLAN, clips, tmp_path, every=2, measure=measure, stop=5)
    found = train(fresh(), PLAN, clips, tmp_path, every=2, measure=measure)
    assert same(weights(found), looks[0])


def test_frozen_towers_keep_every_weight_and_statistic(tmp_path: Path, clips: list[Kept]):
    plan = dataclasses.replace(PLAN, towers=0.0, epochs=1)
    network = fresh()
    before = weights(network)
    after = weights(train(network, plan, clips, tmp_path))
    behind = ("fusions.", "spatial.stages.fc", "temporal.stages.fc")
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    assert moved
    assert all(name.startswith(behind) for name in moved), moved
    assert "fusions.relu5.mix.weight" in moved


def test_a_frozen_stream_moves_nothing_but_its_classifier(tmp_path: Path, clips: list[Kept]):
    card = dataclasses.replace(
        CARD, spatial="efficientnet-lite0", temporal=None, fusion=None, place=""
    )
    plan = dataclasses.replace(PLAN, card=card, towers=0.0, epochs=1, average=0.0)
    network = fresh(card)
    before = weights(network)
    after = weights(train(network, plan, clips, tmp_path))
    moved = {name.split(".")[2] for name in before if not torch.equal(before[name], after[name])}
    assert moved == {"fc8"}


def test_rates_and_decay_go_by_where_a_weight_is():
    network = fresh()
    groups = parameter_groups(network, dataclasses.replace(PLAN, towers=0.1))
    names = {id(value): name for name, value in network.named_parameters()}
    by_name = {
        names[id(value)]: (group["factor"], group["weight_decay"])
        for group in groups
        for value in group["params"]
    }
    assert by_name.keys() == set(names.values())
    assert by_name["spatial.stages.relu1.0.weight"] == (0.1, PLAN.decay)
    assert by_name["spatial.stages.relu1.0.bias"] == (0.1, 0.0)
    assert by_name["temporal.stages.relu5.0.weight"] == (0.1, PLAN.decay)
    assert by_name["spatial.stages.fc8.weight"][0] == 1.0
    assert by_name["fusions.relu5.mix.weight"] == (1.0, PLAN.decay)


def test_a_batch_that_processes_cannot_share_or_clips_cannot_fill_is_a_bug(
    tmp_path: Path, clips: list[Kept]
):
    with pytest.raises(ValueError, match="expected a batch of clips or more, got 3 for 4"):
        train(fresh(), PLAN, clips[:3], tmp_path)


def test_labels_stand_in_the_networks_order(clips: list[Kept]):
    assert [clip.item.label for clip in clips[:3]] == [*LABELS]


def test_a_training_by_another_recipe_is_not_gone_on_with(tmp_path: Path, clips: list[Kept]):
    train(fresh(), PLAN, clips, tmp_path, every=2, stop=2)
    with pytest.raises(InputError, match="training state of another recipe"):
        train(fresh(), dataclasses.replace(PLAN, smoothing=0.2), clips, tmp_path)


def test_a_recipe_may_change_in_what_follows_its_steps(tmp_path: Path, clips: list[Kept]):
    train(fresh(), PLAN, clips, tmp_path, every=2, stop=2)
    later = dataclasses.replace(PLAN, test=(), temperature=(2.0, 2.0))
    train(fresh(), later, clips, tmp_path, every=2)
    assert len(losses(tmp_path)) == 8
