"""Map drawing: where a map ends, and how its negative cells look without colour."""

from __future__ import annotations

import numpy as np
import pytest

from fusionscope.analysis.map_drawing import (
    DrawnMap,
    ends_of,
    hatch,
    ramp_of,
    scale_bar,
    soft_border,
)
from fusionscope.analysis.panel import Extent, MapOnPanel, Panel
from fusionscope.base.scales import signed_scale

WHOLE = (0.0, 0.0, 1.0, 1.0)
PICTURE = np.full((80, 80, 3), 200, np.float32)


def grid(byte: int, extent: Extent = WHOLE, low: float = 0.0) -> MapOnPanel:
    low, high = signed_scale(1.0) if low < 0 else (0.0, 1.0)
    return MapOnPanel(np.full((1, 4, 4), byte, np.uint8), low, high, extent)


def drawn(held: MapOnPanel) -> np.ndarray:
    panel = Panel("why", "why", "", "fused", "frame", held)
    return DrawnMap(panel, held, (80, 80)).over(PICTURE.copy(), 0)


def test_a_map_ends_softly_where_it_knows_no_more():
    border = soft_border(grid(0, (0.25, -0.5, 0.75, 1.0)), 80, 80)[..., 0]
    assert (border == border[0]).all()  # above and below, the map covers the picture
    row = border[0]
    assert (row[:20] == 0).all()  # the map begins at pixel 20; a cell is 10 pixels wide
    np.testing.assert_allclose(row[20:25], (np.arange(5) + 0.5) / 5)
    assert (row[25:55] == 1).all()
    np.testing.assert_allclose(row[55:60], 1 - (np.arange(5) + 0.5) / 5, atol=1e-6)
    assert (row[60:] == 0).all()


def test_nothing_is_softened_at_the_edge_of_the_picture():
    for extent in (WHOLE, (-0.2, -0.1, 1.3, 1.2)):
        assert (soft_border(grid(0, extent), 80, 80) == 1).all()


def test_unknown_differs_from_zero():
    made = drawn(grid(0, (0.25, 0.25, 0.75, 0.75)))
    zero, unknown = made[30:50, 30:50, 0], made[:20, :, 0]
    assert zero.min() == zero.max() < 130  # darkened alike
    lines = unknown > zero.max()  # light lines
    assert 0.1 < lines.mean() < 0.2
    assert (unknown[~lines] == zero[0, 0]).all()


def test_negative_cells_are_hatched_and_positive_ones_are_not():
    for byte, lines in ((0, True), (255, False)):
        made = drawn(grid(byte, low=-1)).astype(int)
        on = hatch(80, 80)[..., 0] == 1
        assert (made[on].mean() < made[~on].mean() - 60) == lines
    assert 0.1 < hatch(80, 80).mean() < 0.2


@pytest.mark.parametrize(("low", "ramp"), [(0.0, "motion"), (-1.0, "signed")])
def test_signed_values_have_one_ramp_whatever_the_stream(low: float, ramp: str):
    assert ramp_of(grid(0, low=low), "motion") == ramp


def test_the_bar_of_a_signed_map_differs_from_side_to_side_without_colour():
    grey = scale_bar(grid(0, low=-1), "fused").mean(axis=2)
    width = grey.shape[1]
    left, right = grey[:, 10 : width // 2 - 6], grey[:, width // 2 + 6 : -10]
    assert left.std(axis=0).mean() > 2 * right.std(axis=0).mean()


def test_an_end_with_values_beyond_it_says_so():
    held = MapOnPanel(np.zeros((1, 1, 2), np.uint8), -1.0, 128 / 127, WHOLE, None, ((0, -4.0),))
    assert ends_of(held) == "at most \N{MINUS SIGN}1 to 1"
    assert ends_of(grid(0)) == "0 to 1"
