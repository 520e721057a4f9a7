"""Resampling: fields chained, divided and stretched, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from fusionscope.base.records import InputError
from fusionscope.video.flow.resampling import fitted, retimed


def drifts(*steps: tuple[float, float], size: tuple[int, int] = (6, 8)) -> np.ndarray:
    """Fields in which every pixel moves alike: (N-1, 2, H, W)."""
    return np.stack([np.multiply.outer(step, np.ones(size)) for step in steps]).astype(np.float16)


STEPS = drifts((1, 0), (2, -1), (3, 4))


@pytest.mark.parametrize(
    ("moments", "expected"),
    [
        ([0, 1, 2, 3], [(1, 0), (2, -1), (3, 4)]),
        ([0, 2], [(3, -1)]),
        ([0, 3], [(6, 3)]),
        ([0, 0.5, 1], [(0.5, 0), (0.5, 0)]),
        ([0, 1.5, 3], [(2, -0.5), (4, 3.5)]),
        ([1, 1.25, 2.5], [(0.5, -0.25), (3, 1.25)]),
    ],
)
def test_a_field_leads_from_moment_to_moment(moments: list[float], expected: list):
    found = retimed(STEPS, np.array(moments))
    assert found.dtype == np.float16
    assert found[:, :, 2, 3].tolist() == [list(step) for step in expected]


def test_a_chained_field_is_read_where_the_first_has_led():
    """All pixels move right by 2; then only the pixels in column 5 move down by 3."""
    flow = drifts((2, 0), (0, 0))
    flow[1, 1, :, 5] = 3
    chained = retimed(flow, np.array([0, 2]))[0]
    assert chained[0].min() == chained[0].max() == 2
    assert chained[1, 2].tolist() == [0, 0, 0, 3, 0, 0, 0, 0]


def test_pixels_outside_the_picture_move_like_the_edge():
    flow = drifts((6, 0), (0, 0))
    flow[1, 1, :, 7] = 2
    assert retimed(flow, np.array([0, 2]))[0, 1, 2].tolist() == [0, 2, 2, 2, 2, 2, 2, 2]


def test_a_flow_that_fits_is_taken_as_it_is():
    assert fitted(STEPS, 4, (6, 8)) is STEPS


def test_a_larger_picture_stretches_displacements_with_it():
    found = fitted(drifts((2, 3), (-1, 1)), 3, (18, 16))
    assert found.shape == (2, 2, 18, 16)
    assert found[:, :, 9, 9].tolist() == [[4, 9], [-2, 3]]


def test_a_smaller_picture_shrinks_displacements_with_it():
    flow = drifts((4, 4))
    flow[0, 0, :, 4:] = 8  # the right half is twice as fast
    found = fitted(flow, 2, (3, 4))
    assert found[0, 0, 1].tolist() == [2, 2, 4, 4]
    assert found[0, 1].tolist() == [[2] * 4] * 3


def test_a_longer_motion_is_played_faster_and_a_shorter_one_slower():
    shorter = fitted(drifts((1, 0), (1, 0), (2, 0), (2, 0)), 3, (6, 8))
    assert shorter[:, 0, 2, 3].tolist() == [2, 4]
    longer = fitted(drifts((1, 0), (3, 0)), 5, (6, 8))
    assert longer[:, 0, 2, 3].tolist() == [0.5, 0.5, 1.5, 1.5]


def test_too_different_lengths_are_refused():
    with pytest.raises(InputError, match=r"14 frames, .* 4; .*at most four times"):
        fitted(drifts(*[(1, 0)] * 13), 4, (6, 8))
    with pytest.raises(InputError, match=r"4 frames, .* 20; .*at most four times"):
        fitted(STEPS, 20, (6, 8))
