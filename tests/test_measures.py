"""Measures: small numbers, each by hand."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

from fusionscope.card import Card
from fusionscope.explain.measures import (
    channel_mean,
    decisions,
    full_colour,
    motion_track,
    probabilities,
    top,
)
from fusionscope.nets.network import Network
from fusionscope.trace import Trace, run
from fusionscope.video.clip import Clip


def test_probabilities_by_hand_row_by_row():
    logits = np.log(np.array([[1.0, 2, 5], [1, 1, 2]]))
    expected = [[0.125, 0.25, 0.625], [0.25, 0.25, 0.5]]
    np.testing.assert_allclose(probabilities(logits), expected)
    np.testing.assert_allclose(probabilities(logits + 7), expected)


def test_probabilities_of_huge_scores_are_finite():
    np.testing.assert_allclose(probabilities(np.array([1e4, 1e4, -1e4])), [0.5, 0.5, 0])


def test_the_likeliest_come_first_and_the_earlier_of_equals():
    logits = np.log(np.array([0.1, 0.4, 0.1, 0.3, 0.06, 0.04]))
    labels = tuple("abcdef")
    found = top(logits, labels, 4)
    assert [label for label, _ in found] == ["b", "d", "a", "c"]
    assert [p for _, p in found] == pytest.approx([0.4, 0.3, 0.1, 0.1])
    assert len(top(logits, labels)) == 5
    assert len(top(logits[:2], labels[:2])) == 2
    assert {type(p) for _, p in found} == {float}


def test_the_average_is_shown_last_and_only_where_there_are_several(
    trace: Trace, card: Card, build: Callable[..., Network], square: Clip
):
    found = decisions(trace)
    assert [*found] == ["spatiotemporal", "temporal", "average"]
    np.testing.assert_array_equal(found["average"], trace.final)
    single = build(dataclasses.replace(card, spatial=None, fusion=None))
    assert [*decisions(run(single, square, trace.flow))] == ["temporal"]


def test_motion_is_the_mean_speed_of_each_field():
    flow = np.zeros((3, 2, 2, 4), np.float16)
    flow[1] = np.array([3, -4])[:, None, None]
    flow[2, 0, 0, :2], flow[2, 0, 1, :2] = 6, -6  # opposite ways do not cancel
    found = motion_track(flow)
    assert found.shape == (3,)
    np.testing.assert_allclose(found, [0, 5, 3])


def test_the_mean_over_channels_keeps_chunks_and_cells():
    maps = np.arange(2 * 3 * 4 * 5, dtype=float).reshape(2, 3, 4, 5)
    found = channel_mean(maps)
    assert found.shape == (2, 4, 5)
    assert found[1, 2, 3] == (maps[1, 0, 2, 3] + maps[1, 1, 2, 3] + maps[1, 2, 2, 3]) / 3


def test_full_colour_is_exceeded_by_one_pixel_in_a_hundred():
    flow = np.zeros((1, 2, 400, 400), np.float16)
    speeds = np.random.default_rng(0).permutation(10_000).reshape(100, 100) / 1000
    flow[0, 1] = -np.kron(speeds, np.ones((4, 4)))  # 0 to 10 pixels, every speed alike
    assert full_colour(flow) == pytest.approx(9.9, abs=0.01)


def test_full_colour_is_at_least_one_pixel_and_looks_at_the_whole_clip():
    assert full_colour(np.zeros((5, 2, 16, 16), np.float16)) == 1
    flow = np.zeros((100, 2, 16, 16), np.float16)
    flow[80:] = 8
    assert full_colour(flow) == pytest.approx(8 * 2**0.5, rel=1e-3)
    assert full_colour(flow[:80]) == 1
