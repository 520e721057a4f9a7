"""Toybox windows: what an operator can know of whose move it is, cell by cell or by window."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from fusionscope.data.toybox.windows import (
    _ceiling,
    ceiling_where,
    cells_of,
    halves_told,
    in_windows,
)
from fusionscope.data.toybox.world import MIDDLES, toy_plan, toy_world
from fusionscope.training.toybox.training_set import _in_cells


def test_the_cells_of_a_plan_are_those_of_its_masks():
    for seed in (3, 8):
        world = toy_world(seed)
        masks = np.array([[_in_cells(world.masks[ball, n]) for ball in (0, 1)] for n in MIDDLES])
        assert (cells_of(world.plan) != masks).mean() < 0.01


def test_a_window_has_what_one_of_its_nine_cells_has_and_the_last_row_is_unseen():
    cells = np.zeros((6, 6), bool)
    cells[5, 5] = True
    assert not in_windows(cells).any()
    cells[2, 0] = True
    assert in_windows(cells).tolist() == [[True, False], [True, False]]


def test_two_halves_told_apart_give_the_known_ceilings():
    assert [float(_ceiling(k, ordered=False)) for k in (0, 1, 2)] == pytest.approx(
        [1 / 4, 3 / 7, 1 / 2]
    )
    assert [float(_ceiling(k, ordered=True)) for k in (0, 1, 2)] == pytest.approx([3 / 7, 6 / 7, 1])


def test_max_and_concatenation_lose_nearly_nothing_by_their_windows():
    plans = [toy_plan(seed) for seed in range(300)]
    cells, windows = (ceiling_where(plans, by) for by in (False, True))
    assert 0.495 < windows < cells <= 0.5
    told = [halves_told(plan, windows=True) for plan in plans]
    assert all(
        halves_told(plan, windows=False)[half] or not by[half]
        for plan, by in zip(plans, told, strict=True)
        for half in (0, 1)
    ), "what windows tell apart, cells do"


def test_max_pooled_after_a_maximum_is_the_maximum_of_the_pooled():
    random = np.random.default_rng(0)
    a, m = random.random((2, 6, 6))
    windows = [np.s_[r : r + 3, c : c + 3] for r, c in product((0, 2), (0, 2))]
    assert all(np.maximum(a, m)[w].max() == max(a[w].max(), m[w].max()) for w in windows)


def test_a_sum_before_max_pooling_tells_one_cell_from_two():
    ball, here, there = np.zeros((3, 3)), np.zeros((3, 3)), np.zeros((3, 3))
    ball[1, 1] = here[1, 1] = there[0, 2] = 1
    assert (ball + here).max() == 2 > (ball + there).max() == 1
    assert max(ball.max(), here.max()) == max(ball.max(), there.max()), "a maximum does not"
