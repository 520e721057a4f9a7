"""Evaluation: each clip is predicted as in the app, or listed with an error."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from fusionscope.base.records import InputError
from fusionscope.data.datasets import DataSet, open_data
from fusionscope.evaluation.evaluate import evaluate
from fusionscope.evaluation.predictions_file import read_predictions, write_predictions
from fusionscope.nets.network import Network
from fusionscope.trace import network_inputs, run
from fusionscope.video.clip import read_clip
from fusionscope.video.flow.methods import dense_flow
from fusionscope.video.snippets import dense_frames, mirrored, sample_snippets
from tests.conftest import TINY
from tests.videos import write

CARD = dataclasses.replace(TINY, labels=("walk", "run"))


@pytest.fixture(scope="module")
def network(build: Callable[..., Network]) -> Network:
    return build(CARD)


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> DataSet:
    """Four clips that move, and three files that are none."""
    root = tmp_path_factory.mktemp("set")
    random = np.random.default_rng(0)
    for label in ("walk", "run"):
        (root / label).mkdir()
        for number in range(2):
            ground = np.kron(random.integers(0, 255, (12, 16, 3)), np.ones((10, 10, 1)))
            frames = [np.roll(ground, 3 * n, axis=1).astype(np.uint8) for n in range(9 + number)]
            write(root / label / f"{number}.mp4", frames)
    (root / "walk/broken.mp4").write_bytes(b"no video at all")
    (root / "run/empty.mp4").write_bytes(b"")
    whole = (root / "run/0.mp4").read_bytes()
    (root / "run/cut.mp4").write_bytes(whole[: len(whole) // 3])
    return open_data("folder", root)


@pytest.mark.slow
def test_the_answers_are_those_of_a_run_in_the_app(network: Network, clips: DataSet):
    found = evaluate(network, clips)
    for head, answers in found.heads.items():
        for clip, label, scores in zip(answers.clips, answers.labels, answers.scores, strict=True):
            path = clips.root / clip
            video = read_clip(path)
            trace = run(network, video, dense_flow(video, CARD.flow))
            expected = trace.final if head == "average" else trace.logits[head]
            np.testing.assert_allclose(scores, expected, atol=1e-4)
            assert CARD.labels[label] == path.parent.name


def test_every_clip_is_answered_or_named(network: Network, clips: DataSet):
    found = evaluate(network, clips)
    assert list(found.heads) == ["spatiotemporal", "temporal", "average"]
    assert {len(answers.clips) for answers in found.heads.values()} == {4}
    assert set(found.problems) == {"walk/broken.mp4", "run/empty.mp4", "run/cut.mp4"}
    assert all(Path(clip).name in problem for clip, problem in found.problems.items())


def test_a_clip_too_short_for_the_network_is_named(build: Callable[..., Network], clips: DataSet):
    found = evaluate(build(dataclasses.replace(CARD, stack=9)), clips)
    assert "needs at least 10, for 9 consecutive flow fields" in found.problems["walk/0.mp4"]
    assert found.heads["average"].clips == ("run/1.mp4", "walk/1.mp4")


def test_the_dense_protocol_averages_runs_all_over_the_clip_and_mirrored(
    network: Network, clips: DataSet
):
    one = dataclasses.replace(clips, items=clips.items[:1])
    (answers, *_) = evaluate(network, one, protocol="dense").heads.values()
    video = read_clip(clips.items[0].path)
    flow = dense_flow(video, CARD.flow)
    groups = dense_frames(len(video.frames), CARD.chunks, CARD.stack)
    assert len(groups) > 1
    scores = []
    for frames in groups:
        snippets = sample_snippets(video, flow, CARD, frames)
        for way in (snippets, mirrored(snippets)):
            with torch.inference_mode():
                scores.append(
                    network(*network_inputs(network, way)).logits["spatiotemporal"][0].numpy()
                )
    np.testing.assert_allclose(answers.scores[0], np.mean(scores, axis=0), atol=1e-4)


def test_the_terms_add_up_and_survive_a_file(network: Network, clips: DataSet, tmp_path: Path):
    found = evaluate(network, clips, explain=True)
    write_predictions(found.predictions, tmp_path / "tiny.parquet")
    back = read_predictions(tmp_path / "tiny.parquet")
    assert back.heads.keys() == found.predictions.heads.keys()
    for pair, answers in back.heads.items():
        same = found.predictions.heads[pair]
        assert answers.clips == same.clips
        assert answers.groups == tuple(f"{c.split('/')[0]}/{Path(c).stem}" for c in same.clips)
        assert answers.paths == same.clips
        assert answers.terms is not None
        assert answers.places is not None
        own = answers.scores[np.arange(len(answers.clips)), answers.labels]
        np.testing.assert_allclose(answers.terms.sum(axis=1), own, atol=1e-3)
        assert np.ptp(answers.places, axis=0).all()


@pytest.mark.slow
def test_late_fusion_has_no_synergy_and_a_stream_no_motion(
    build: Callable[..., Network], clips: DataSet
):
    late = build(dataclasses.replace(CARD, fusion="sum", place="softmax", pool="2d"))
    terms = evaluate(late, clips, explain=True).heads["average"].terms
    assert terms is not None
    np.testing.assert_allclose(terms[:, 3], 0, atol=1e-3)
    assert np.abs(terms[:, 1:3]).max() > 0.01
    spatial = build(dataclasses.replace(CARD, temporal=None, fusion=None, place="", pool="2d"))
    terms = evaluate(spatial, clips, explain=True).heads["spatial"].terms
    assert terms is not None
    np.testing.assert_allclose(terms[:, 2:], 0, atol=1e-4)


def test_an_evaluation_that_is_impossible_is_refused(network: Network, clips: DataSet):
    with pytest.raises(InputError, match="protocol 'slow'; choose one of fast, dense"):
        evaluate(network, clips, protocol="slow")
    other = dataclasses.replace(clips.items[0], label="swim")
    with pytest.raises(InputError, match=r"tiny has no class 'swim' of folder"):
        evaluate(network, dataclasses.replace(clips, items=(other,)))
    broken = tuple(item for item in clips.items if item.id == "run/empty.mp4")
    with pytest.raises(InputError, match=r"no clip of .* could be evaluated: empty\.mp4"):
        evaluate(network, dataclasses.replace(clips, items=broken))
    blank = Network(dataclasses.replace(CARD, weights="imagenet"))
    with pytest.raises(InputError, match="untrained classifier"):
        evaluate(blank, clips)
