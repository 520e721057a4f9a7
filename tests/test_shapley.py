"""Shapley: Captum's numbers by less work, by hand, and shares that add up."""

from __future__ import annotations

import numpy as np
import pytest

from core.explain.ledger import four_passes
from core.explain.shapley import frame_shapley, shapley, stream_shapley
from core.explain.target import Target
from core.nets.network import Network
from core.trace import Trace
from tests.captums import Asked, captum_frames, captum_streams

TARGET = Target("average", "two", "three")


def test_two_players_share_what_only_both_bring():
    np.testing.assert_allclose(shapley(np.array([1.0, 3.0, 2.0, 8.0])), [4.0, 3.0])


def test_three_players_by_hand():
    """A glove game: player 0 has a left glove, 1 and 2 a right one each; a pair is worth 6."""
    worth = [6.0 * (s & 1) * bool(s & 6) for s in range(8)]
    np.testing.assert_allclose(shapley(np.array(worth)), [4.0, 1.0, 1.0])


@pytest.mark.parametrize("stream", ["spatial", "temporal"])
def test_chunks_get_what_captum_gives_them(network: Network, trace: Trace, stream: str):
    expected = captum_frames(Asked(network, trace.snippets, TARGET, stream))
    found = frame_shapley(network, trace.snippets, TARGET, stream)
    assert np.abs(expected).min() > 1e-3
    np.testing.assert_allclose(found.shares, expected, rtol=1e-4, atol=1e-5)
    assert found.empty + found.shares.sum() == pytest.approx(found.score, abs=1e-5)


@pytest.mark.parametrize("target", [TARGET, Target("spatiotemporal", "one")])
def test_streams_get_what_captum_gives_them(network: Network, trace: Trace, target: Target):
    expected = captum_streams(Asked(network, trace.snippets, target))
    found = stream_shapley(four_passes(network, trace.snippets), target)
    assert (found.appearance, found.motion) == pytest.approx(expected, abs=1e-5)
    assert found.empty + found.appearance + found.motion == pytest.approx(found.score, abs=1e-6)
