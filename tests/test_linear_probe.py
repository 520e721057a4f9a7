"""Linear probe: a stream's initial classifier equals scikit-learn's on its features."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from fusionscope.base.records import InputError
from fusionscope.card import Card
from fusionscope.data.clip_cache import Kept
from fusionscope.nets.network import Network
from fusionscope.trace import network_inputs
from fusionscope.training.linear_probe import start_from_probe
from fusionscope.training.validation import share_right, snippets_of
from fusionscope.video.snippets import Snippets, mirrored
from tests.conftest import network_of
from tests.tiny_training import CARD, LABELS, clips_in

C = 0.3
ALONE = {"fusion": None, "place": "", "labels": ("three", "lost", "one", "two")}
STREAMS = {
    "spatial": dataclasses.replace(CARD, temporal=None, **ALONE),
    "temporal": dataclasses.replace(CARD, spatial=None, **ALONE),
}
"""Classes in another order than in the clips; one of them has no clip."""


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[Kept]:
    return clips_in(tmp_path_factory.mktemp("clips"), 9)


def ways(clips: Sequence[Kept], card: Card) -> list[Snippets]:
    """Each clip as it is, then mirrored."""
    shown = (snippets_of(kept, card) for kept in clips)
    return [way for one in shown for way in (one, mirrored(one))]


@torch.no_grad()
def scores(network: Network, shown: Sequence[Snippets]) -> np.ndarray:
    """(n, K): what the network says in the end."""
    return np.concatenate([network(*network_inputs(network, one)).final.numpy() for one in shown])


@torch.no_grad()
def features(network: Network, shown: Sequence[Snippets]) -> np.ndarray:
    """(n, T, D): the map in front of the classifier, averaged over its cells."""
    rows = []
    for snippets in shown:
        seen = network(*network_inputs(network, snippets))
        (maps,) = (maps for maps in (seen.spatial, seen.temporal) if maps)
        rows.append(maps["fc7"][0].mean(dim=(-2, -1)).numpy())
    return np.stack(rows)


def probed(card: Card, clips: Sequence[Kept], c: float = C) -> Network:
    network = network_of(card)
    network.train()  # the probe's features are those of a network in use all the same
    start_from_probe(network, clips, c)
    return network.eval()


@pytest.mark.parametrize("card", STREAMS.values(), ids=STREAMS)
def test_it_scores_as_the_regression_does_on_the_same_features(card: Card, clips: list[Kept]):
    shown = ways(clips, card)
    rows = features(network_of(card), shown)
    level = (rows - rows.mean(axis=(0, 1))) / (rows.std(axis=(0, 1)) + 1e-6)
    truth = np.repeat([clip.item.label for clip in clips], 2)
    fitted = LogisticRegression(C=C, max_iter=1000).fit(level.mean(axis=1), truth)
    expected = fitted.decision_function(level.mean(axis=1))
    found = scores(probed(card, clips), shown)
    columns = [card.labels.index(name) for name in fitted.classes_]
    np.testing.assert_allclose(found[:, columns], expected, atol=2e-3)
    assert np.abs(expected).max() > 0.5


@pytest.mark.parametrize("card", STREAMS.values(), ids=STREAMS)
def test_it_predicts_its_training_clips_and_never_a_class_without_clips(
    card: Card, clips: list[Kept]
):
    network = probed(card, clips, c=10.0)
    assert share_right(network, clips) == 1.0
    found = scores(network, ways(clips, card))
    assert (found.argmin(axis=1) == card.labels.index("lost")).all()


@pytest.mark.parametrize("card", STREAMS.values(), ids=STREAMS)
def test_for_two_classes_it_equals_the_regression(card: Card, clips: list[Kept]):
    """Of two, scikit-learn gives one score, the lead of the second over the first."""
    two = [clip for clip in clips if clip.item.label != LABELS[1]]
    shown = ways(two, card)
    rows = features(network_of(card), shown)
    level = (rows - rows.mean(axis=(0, 1))) / (rows.std(axis=(0, 1)) + 1e-6)
    truth = np.repeat([clip.item.label for clip in two], 2)
    fitted = LogisticRegression(C=C, max_iter=1000).fit(level.mean(axis=1), truth)
    network = probed(card, two)
    found = scores(network, shown)
    first, second = (card.labels.index(name) for name in fitted.classes_)
    expected = fitted.decision_function(level.mean(axis=1))
    np.testing.assert_allclose(found[:, second] - found[:, first], expected, atol=2e-3)
    assert share_right(network, two) == 1.0
    never = [k for k in range(4) if k not in (first, second)]
    assert (found[:, never].max(axis=1) < found.max(axis=1)).all()


def test_nothing_but_the_classifier_changes(clips: list[Kept]):
    card = STREAMS["spatial"]
    before, after = network_of(card).state_dict(), probed(card, clips).state_dict()
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    assert moved == {"spatial.stages.fc8.weight", "spatial.stages.fc8.bias"}


def test_one_class_alone_teaches_nothing_and_that_is_said(clips: list[Kept]):
    alike = [clip for clip in clips if clip.item.label == "one"]
    with pytest.raises(InputError, match="class one; needed"):
        probed(STREAMS["spatial"], alike)


def test_a_network_of_two_streams_is_a_bug(clips: list[Kept]):
    for fields in ({}, {"fusion": "sum", "place": "softmax"}):
        with pytest.raises(ValueError, match="expected a network of one stream"):
            start_from_probe(network_of(dataclasses.replace(CARD, **fields)), clips, C)
