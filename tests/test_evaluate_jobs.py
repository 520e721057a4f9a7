"""Evaluation on several processes, from parts and from prepared clips: the same figures."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fusionscope.base.records import InputError
from fusionscope.data.datasets import DataSet, open_data
from fusionscope.data.prepared.prepare import prepare
from fusionscope.data.prepared.store import open_store, prepared_data
from fusionscope.evaluation.by_clip import parts
from fusionscope.evaluation.evaluate import Evaluation, evaluate, remove_parts
from fusionscope.nets.network import Network
from tests.conftest import TINY
from tests.videos import write

pytestmark = pytest.mark.slow  # each starts processes that import torch

CARD = dataclasses.replace(TINY, labels=("walk", "run"))


@pytest.fixture(scope="module")
def network(build: Callable[..., Network]) -> Network:
    return build(CARD)


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> DataSet:
    """Eleven clips that move, and one that is no video: two blocks of clips."""
    root = tmp_path_factory.mktemp("set")
    random = np.random.default_rng(0)
    for label in ("walk", "run"):
        (root / label).mkdir()
        for number in range(6):
            ground = np.kron(random.integers(60, 190, (6, 8, 1)), np.ones((20, 20, 3)))
            frames = [np.roll(ground, 3 * n, axis=1).astype(np.uint8) for n in range(8)]
            write(root / label / f"{number}.mp4", frames)
    (root / "walk/3.mp4").write_bytes(b"no video at all")
    return open_data("folder", root)


@pytest.fixture(scope="module")
def alone(network: Network, clips: DataSet) -> Evaluation:
    return evaluate(network, clips, explain=True, jobs=1)


def same(one: Evaluation, other: Evaluation) -> None:
    """Equal to the bit."""
    assert one.problems == other.problems
    for head, answers in one.heads.items():
        again = other.heads[head]
        assert answers.clips == again.clips
        for name in ("labels", "scores", "terms", "places"):
            np.testing.assert_array_equal(getattr(answers, name), getattr(again, name), name)


def test_two_processes_find_what_one_finds_to_the_bit(
    network: Network, clips: DataSet, alone: Evaluation
):
    same(evaluate(network, clips, explain=True, jobs=2), alone)


def test_an_evaluation_that_was_cut_short_goes_on_with_its_parts(
    network: Network, clips: DataSet, alone: Evaluation, tmp_path: Path, monkeypatch
):
    monkeypatch.setattr(parts, "EVERY", 0.0)
    out = tmp_path / "found.parquet"
    seen: list[float] = []

    def stop(stage: str, done: float) -> None:
        seen.append(done)
        raise KeyboardInterrupt(stage)

    def go_on(stage: str, done: float) -> None:  # noqa: ARG001
        seen.append(done)

    with pytest.raises(KeyboardInterrupt):
        evaluate(network, clips, explain=True, parts=out, progress=stop)
    kept = evaluate(network, clips, explain=True, parts=out, progress=go_on)
    assert seen == [8 / 12, 1.0]  # the first block is not done again
    fresh = evaluate(network, clips, explain=True)
    same(kept, fresh)
    for head, answers in alone.heads.items():  # with all threads and with one
        np.testing.assert_allclose(answers.scores, fresh.heads[head].scores, atol=1e-4)
    remove_parts(out)
    assert [*tmp_path.iterdir()] == []


def test_parts_of_other_settings_are_not_used(network: Network, clips: DataSet, tmp_path: Path):
    out, seen = tmp_path / "found.parquet", []
    for protocol in ("fast", "dense"):
        part = dataclasses.replace(clips, items=clips.items[:2])
        evaluate(network, part, protocol=protocol, parts=out, progress=lambda *a: seen.append(a))
    assert len(seen) == 1 + 2


def test_prepared_clips_give_nearly_the_scores_of_the_videos(network: Network, tmp_path: Path):
    """Of clips with the height that all are scaled to; flow of smaller ones is measured smaller."""
    random = np.random.default_rng(0)
    for number in range(6):
        folder = tmp_path / "set" / ("walk", "run")[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        ground = np.kron(random.integers(60, 190, (8, 10, 1)), np.ones((32, 32, 3)))
        frames = [np.roll(ground, 3 * number * n, axis=1).astype(np.uint8) for n in range(6)]
        write(folder / f"{number}.mp4", frames)
    (tmp_path / "set/walk/9.mp4").write_bytes(b"no video at all")
    clips = open_data("folder", tmp_path / "set")
    prepare("folder", clips.root, tmp_path / "prepared", jobs=1)
    store = open_store(tmp_path / "prepared")
    plain = evaluate(network, clips)
    found = evaluate(network, prepared_data(store), store=store)
    assert found.problems.keys() == plain.problems.keys() == {"walk/9.mp4"}
    for head, answers in plain.heads.items():
        again = found.heads[head]
        assert (again.clips, again.paths) == (answers.clips, answers.paths)
        spread = np.abs(answers.scores - answers.scores.mean(axis=0)).mean()
        difference = np.abs(answers.scores - again.scores).mean()
        assert difference < spread / 4, (difference, spread)
    with pytest.raises(InputError, match="needed: clips prepared with --flow tvl1"):
        store.check_flow("tvl1")
