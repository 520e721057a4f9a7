"""Flow pictures: each way of drawing, checked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from fusionscope.analysis.flow_drawing import CELL, DRAWN, LEGENDS, SPEEDS, Scale
from fusionscope.card import Card
from fusionscope.video.clip import Clip
from fusionscope.video.flow.methods import dense_flow, flow_colours, net_view
from fusionscope.video.snippets import sample_snippets

SCALE = Scale(full=8.0, size=(32, 48))


@pytest.fixture(scope="module")
def field() -> np.ndarray:
    """32x48: the left two thirds are at rest, the right third moves right by 8 px."""
    made = np.zeros((2, 32, 48), np.float16)
    made[0, :, 32:] = 8
    return made


@pytest.fixture(scope="module")
def frame() -> np.ndarray:
    return np.full((32, 48, 3), 100, np.uint8)


def colours(stops: tuple[str, ...]) -> list[list[int]]:
    return [[int(stop[k : k + 2], 16) for k in (1, 3, 5)] for stop in stops]


def test_every_picture_has_the_aspect_ratio_of_the_clip(field: np.ndarray, frame: np.ndarray):
    for name, draw in DRAWN.items():
        made = draw(field[::-1] if name == "v" else field, frame, SCALE)
        assert made.dtype == np.uint8
        assert made.shape[0] * 48 == made.shape[1] * 32
        assert made.shape[2] == 3
        assert made.std() > 0  # rest and motion do not look alike


def test_the_wheel_has_the_colours_of_the_player(field: np.ndarray, frame: np.ndarray):
    np.testing.assert_array_equal(DRAWN["wheel"](field, frame, SCALE), flow_colours(field, 8.0))


def test_speed_goes_from_the_first_colour_to_the_last_and_no_further(frame: np.ndarray):
    flow = np.zeros((2, 32, 48), np.float16)
    flow[1, 0, :4] = (-2, -4, -8, -80)
    row = DRAWN["speed"](flow, frame, SCALE)[0].tolist()
    stops = colours(SPEEDS)
    assert row[4] == stops[0]
    assert np.abs(np.subtract(row[0], stops[1])).max() <= 2
    assert np.abs(np.subtract(row[1], stops[2])).max() <= 2
    assert row[2] == row[3] == stops[4]


def test_an_arrow_of_full_speed_is_a_cell_long_and_points_where_pixels_go(frame: np.ndarray):
    flow = np.zeros((2, 32, 48), np.float16)
    flow[0, :CELL, :CELL] = 8
    still = DRAWN["arrows"](0 * flow, frame, SCALE).astype(int)
    drawn = DRAWN["arrows"](flow, frame, SCALE).astype(int)
    rows, columns = np.nonzero(np.abs(drawn - still).sum(axis=2))
    fine = drawn.shape[0] // 32
    assert columns.min() >= fine * (CELL / 2 - 2)
    assert abs(columns.max() - fine * 1.5 * CELL) <= 4
    assert abs(rows.mean() - fine * CELL / 2) < 2
    flow[0] *= -1
    _, back = np.nonzero(np.abs(DRAWN["arrows"](flow, frame, SCALE).astype(int) - still).sum(2))
    assert back.min() < fine


@pytest.mark.parametrize(("drawn", "axis"), [("u", 0), ("v", 1)])
def test_u_and_v_are_the_input_of_the_network(square: Clip, card: Card, drawn: str, axis: int):
    flow = dense_flow(square)
    snippets = sample_snippets(square, flow, card)
    height, width = snippets.flow.shape[2:]
    first = int(snippets.frames[1]) - card.stack // 2
    made = DRAWN[drawn](flow[first], square.frames[first], Scale(8.0, (height, width)))
    np.testing.assert_array_equal(made[..., 0], snippets.flow[1, axis])
    np.testing.assert_array_equal(made[..., 2], snippets.flow[1, axis])


def test_a_legend_gives_the_values_at_its_ends(frame: np.ndarray):
    stops, low = LEGENDS["u"]
    flow = np.full((2, 32, 48), low, np.float16)
    assert DRAWN["u"](flow, frame, SCALE)[0, 0].tolist() == colours(stops)[0]
    assert DRAWN["v"](-flow, frame, SCALE)[0, 0].tolist() == colours(stops)[-1]
    assert net_view(flow).max() == 0
    stops, low = LEGENDS["speed"]
    assert DRAWN["speed"](0 * flow, frame, SCALE)[0, 0].tolist() == colours(stops)[0]
    assert low == 0
