"""Validation: the accuracy equals that of ``evaluate`` on the same clips."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from fusionscope.data.clip_cache import Kept, keep
from fusionscope.data.datasets import DataSet, open_data
from fusionscope.evaluation.evaluate import evaluate
from fusionscope.nets.network import Network
from fusionscope.training.validation import share_right, snippets_of
from fusionscope.video.clip import read_clip
from fusionscope.video.flow.methods import dense_flow
from fusionscope.video.snippets import chunk_frames, sample_snippets
from tests.conftest import TINY
from tests.videos import numbered, numbers, write

CARD = dataclasses.replace(TINY, labels=("walk", "run"))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> DataSet:
    """Three clips a class, each of its own brightness, that move."""
    root = tmp_path_factory.mktemp("data")
    random = np.random.default_rng(0)
    for label in ("walk", "run"):
        (root / label).mkdir()
        for number in range(3):
            ground = np.kron(random.integers(0, 80, (12, 16, 3)), np.ones((5, 5, 1)))
            ground = (ground + 60 * number).astype(np.uint8)
            frames = [np.roll(ground, (number - 1) * n, axis=1) for n in range(8 + number)]
            write(root / label / f"{number}.mp4", frames)
    return open_data("folder", root)


@pytest.fixture(scope="module")
def clips(data: DataSet, tmp_path_factory: pytest.TempPathFactory) -> list[Kept]:
    kept, broken = keep(data.items, tmp_path_factory.mktemp("store"))
    assert not broken
    return kept


def classifier(network: Network, stream: str) -> nn.Conv2d:
    last = getattr(network, stream).stages["fc8"]
    assert isinstance(last, nn.Conv2d)
    return last


@pytest.mark.slow
def test_a_cached_clip_gives_the_same_input_as_its_file(data: DataSet, clips: list[Kept]):
    for item, kept in zip(data.items, clips, strict=True):
        video = read_clip(item.path, start=0.0)
        whole = sample_snippets(video, dense_flow(video, CARD.flow), CARD)
        found = snippets_of(kept, CARD)
        assert (found.frames == whole.frames).all()
        assert (found.rgb == whole.rgb).all()
        apart = np.abs(found.flow.astype(int) - whole.flow)
        assert apart.max() <= 1  # kept flow is rounded before it is resized
        assert apart.mean() < 0.1


def test_chunks_are_spread_over_all_the_clip(tmp_path: Path):
    (tmp_path / "film").mkdir()
    numbered(tmp_path / "film/0.mp4", 12)
    (kept,), _ = keep(open_data("folder", tmp_path).items, tmp_path / "store")
    found = snippets_of(kept, CARD)
    assert numbers(found.rgb.transpose(0, 2, 3, 1)) == list(chunk_frames(12, 3, 2)) == [2, 6, 10]


@pytest.mark.slow
def test_the_share_is_that_of_the_fast_protocol_clip_by_clip(
    build: Callable[..., Network], data: DataSet, clips: list[Kept]
):
    network = build(CARD)
    leads = np.diff(evaluate(network, data).heads["average"].scores)[:, 0]  # of run over walk
    low, high = np.sort(leads)[2:4]
    # so that it says either class of half the clips: with the bias of both heads in the middle
    for stream in ("spatial", "temporal"):
        bias = classifier(network, stream).bias
        assert bias is not None
        bias[1] -= float(low + high) / 2
    (*_, answers) = evaluate(network, data).heads.values()
    assert {int(said) for said in answers.said} == {0, 1}
    by_clip = [share_right(network, [kept]) for kept in clips]
    assert by_clip == [float(right) for right in answers.right]
    assert share_right(network, clips) == pytest.approx(answers.right.mean())
    assert 0 < answers.right.mean() < 1


def test_the_final_prediction_of_all_heads_counts(build: Callable[..., Network], clips: list[Kept]):
    network = build(CARD)
    for stream, bias in (("spatial", (1.0, 0.0)), ("temporal", (0.0, 3.0))):
        last = classifier(network, stream)
        last.weight.zero_()
        last.bias.copy_(torch.tensor(bias))  # pyright: ignore[reportOptionalMemberAccess]
    assert share_right(network, clips) == 0.5  # of "run": the fused head alone would say "walk"
    runs = [kept for kept in clips if kept.item.label == "run"]
    assert share_right(network, runs) == 1.0


def test_labels_are_matched_by_name_and_not_by_position(
    build: Callable[..., Network], clips: list[Kept]
):
    network = build(dataclasses.replace(CARD, labels=("run", "swim", "walk")))
    for stream in ("spatial", "temporal"):
        last = classifier(network, stream)
        last.weight.zero_()
        last.bias.copy_(torch.tensor((0.0, 0.0, 1.0)))  # pyright: ignore[reportOptionalMemberAccess]
    walks = [kept for kept in clips if kept.item.label == "walk"]
    assert share_right(network, walks) == 1.0
    assert share_right(network, clips) == 0.5
