"""Agreement: flow edited along, against flow measured again (DIS) on the edited frames.

On a textured square that moves over textured ground, and on a scene of Toybox. "Where it moves" is
where the flow edited along is over a pixel a frame. DIS errs by itself at the edges of what moves:
the tolerances are those, and the same flow unedited fails them.
"""

from __future__ import annotations

import numpy as np
import pytest

from fusionscope.data.toybox.world import toy_world
from fusionscope.explain.edits.edit_list import edited_clip, moved_along, read_edits
from fusionscope.video.clip import Clip
from fusionscope.video.flow.methods import dense_flow, speed

MEAN = (128.0, 128.0, 128.0)


@pytest.fixture(scope="module")
def scene() -> Clip:
    """8 frames of Toybox 8 in which both balls move and none blinks."""
    return Clip(toy_world(8).clip.frames[1:9].copy(), 12.5)


@pytest.fixture(scope="module", params=["square", "scene"])
def clip(request: pytest.FixtureRequest) -> Clip:
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def flow(clip: Clip) -> np.ndarray:
    return dense_flow(clip)


def both(clip: Clip, flow: np.ndarray, text: str) -> tuple[np.ndarray, np.ndarray]:
    """Measured again, and edited along."""
    edits = read_edits(text)
    again = dense_flow(edited_clip(clip, edits, MEAN))
    return again.astype(np.float32), moved_along(flow, edits).astype(np.float32)


def apart(again: np.ndarray, along: np.ndarray) -> tuple[float, float]:
    """Median distance in pixels where it moves, and the share of all pixels within half a pixel."""
    assert again.shape == along.shape
    distance = speed(again - along)
    return float(np.median(distance[speed(along) > 1])), float((distance < 0.5).mean())


@pytest.mark.parametrize(
    ("text", "median", "share"),
    [
        ("mirror", 0.15, 0.97),
        ("reverse", 0.25, 0.94),
        ("mirror~reverse", 0.25, 0.94),
        ("blur_1", 0.15, 0.97),
    ],
)
def test_what_moves_moves_as_the_edit_implies(
    clip: Clip, flow: np.ndarray, text: str, median: float, share: float
):
    again, along = both(clip, flow, text)
    distance, agreeing = apart(again, along)
    assert distance < median
    assert agreeing > share
    if text != "blur_1":
        assert apart(again, flow.astype(np.float32))[0] > 3 * median  # unedited it is another flow


@pytest.mark.parametrize("text", ["grey", "freeze_4_rest", "freeze_2_whole"])
def test_grey_and_frozen_frames_agree_to_the_bit(clip: Clip, flow: np.ndarray, text: str):
    again, along = both(clip, flow, text)
    np.testing.assert_array_equal(again, along)
    if text == "freeze_2_whole":
        assert not again.any()


def test_in_an_erased_box_nothing_moves(clip: Clip, flow: np.ndarray):
    again, along = both(clip, flow, "erase_0.2_0.2_0.4_0.5_0_599")
    height, width = flow.shape[2:]
    rows = slice(round(0.2 * height) + 8, round(0.7 * height) - 8)
    columns = slice(round(0.2 * width) + 8, round(0.6 * width) - 8)
    assert not along[..., rows, columns].any()
    assert np.median(speed(again[..., rows, columns])) < 0.25  # DIS lets motion seep in
    assert speed(flow[..., rows, columns]).max() > 2


def test_twice_as_fast_is_the_chain_of_two_fields(scene: Clip):
    flow = dense_flow(scene)
    again, along = both(scene, flow, "speed_2")
    assert apart(again, along)[0] < 0.3
    unchained = flow[::2][: len(again)].astype(np.float32)
    assert apart(again, unchained)[0] > 2


def test_twice_as_fast_a_square_moves_twice_as_far(square: Clip):
    again, along = both(square, dense_flow(square), "speed_2")
    for n in range(len(again)):
        x, y = 20 + 6 * n, 15 + 4 * n
        for found, within in ((again, 0.3), (along, 0.6)):
            inside = found[n][:, y + 10 : y + 20, x + 10 : x + 20]
            assert np.abs(np.median(inside, axis=(1, 2)) - (6, 4)).max() < within


def test_half_as_fast_measured_again_goes_in_jerks_and_adds_up_to_the_same(
    clip: Clip, flow: np.ndarray
):
    again, along = both(clip, flow, "speed_0.5")
    assert not again[0::2].any()  # a frame and the same again
    np.testing.assert_array_equal(again[1::2], flow)
    np.testing.assert_allclose(along[0::2], along[1::2])
    np.testing.assert_allclose(along[0::2] + along[1::2], flow, atol=0.02)


def test_shuffled_in_pieces_fields_agree_within_a_piece_and_not_from_piece_to_piece(
    clip: Clip, flow: np.ndarray
):
    again, along = both(clip, flow, "shuffle_3_4")
    order = read_edits("shuffle_3_4")[0].order(len(clip.frames))  # pyright: ignore[reportAttributeAccessIssue]
    within = [n for n in range(len(again)) if order[n + 1] == order[n] + 1]
    between = [n for n in range(len(again)) if n not in within]
    assert between
    np.testing.assert_array_equal(again[within], along[within])
    assert apart(again[between], along[between])[0] > 2
