"""Edits by hand: what each does to numbered frames and fields, and what it may not hold."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from fusionscope.base.records import InputError
from fusionscope.explain.edits.edit import Edit
from fusionscope.explain.edits.edit_list import EDITS
from fusionscope.explain.edits.flow_edits import Method, Scale, Zero
from fusionscope.explain.edits.picture_edits import Blur, Erase, Grey, Mirror
from fusionscope.explain.edits.time_edits import Freeze, Reverse, Shuffle, Speed

MEAN = np.array([10.0, 20.4, 30.0])
EVERY = [kind() for kind in EDITS.values()]


@pytest.fixture
def frames() -> np.ndarray:
    """8 frames of 6x10 noise; the first pixel's red is the frame's number."""
    made = np.random.default_rng(0).integers(0, 256, (8, 6, 10, 3)).astype(np.uint8)
    made[:, 0, 0, 0] = range(8)
    return made


@pytest.fixture
def flow() -> np.ndarray:
    """7 fields: u says the field's number and column, v its negative and row."""
    n, rows, columns = np.indices((7, 6, 10), dtype=np.float16)
    return np.stack((10 * (n + 1) + columns, -10 * (n + 1) - rows), axis=1)


def numbers(edit: Edit, frames: np.ndarray) -> list[int]:
    return edit.pictures(frames, MEAN)[:, 0, 0, 0].tolist()


def fields(edit: Edit, flow: np.ndarray) -> list[float]:
    """u of the first column, field by field: 10, 20, ... 70 before an edit."""
    return edit.along(flow)[:, 0, 0, 0].tolist()


@pytest.mark.parametrize(
    ("edit", "shown", "moving"),
    [
        (Freeze(3), [0, 1, 2, 3, 3, 3, 3, 3], [10, 20, 30, 0, 0, 0, 0]),
        (Freeze(0), [0] * 8, [0] * 7),
        (Freeze(5, "whole"), [5] * 8, [0] * 7),
        (Freeze(90), [*range(8)], [10, 20, 30, 40, 50, 60, 70]),
        (Freeze(90, "whole"), [7] * 8, [0] * 7),
        (Reverse(), [7, 6, 5, 4, 3, 2, 1, 0], [-70, -60, -50, -40, -30, -20, -10]),
        (Speed(2.0), [0, 2, 4, 6], [30, 70, 110]),
        (Speed(4.0), [0, 4], [100]),
        (Speed(0.5), [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7], [5, 5, 10, 10, 15, 15, 20]),
        (Speed(1.0), [*range(8)], [10, 20, 30, 40, 50, 60, 70]),
    ],
)
def test_frames_and_fields_go_where_they_are_sent(
    edit: Edit, shown: list[int], moving: list[float], frames: np.ndarray, flow: np.ndarray
):
    level = np.broadcast_to(flow[:, :, :1, :1], flow.shape)  # what is chained is read elsewhere
    assert numbers(edit, frames) == shown
    assert fields(edit, level)[:7] == moving
    assert len(edit.along(level)) == len(shown) - 1


@pytest.mark.parametrize("piece", [1, 3])
def test_a_shuffle_keeps_pieces_whole_and_each_field_with_its_frame(
    piece: int, frames: np.ndarray, flow: np.ndarray
):
    edit = Shuffle(2, piece)
    shown = numbers(edit, frames)
    assert sorted(shown) == [*range(8)]
    assert shown != [*range(8)]
    for first in range(0, 8, piece):
        at = shown.index(first)
        whole = [*range(first, min(first + piece, 8))]
        assert shown[at : at + len(whole)] == whole
    assert fields(edit, flow) == [10.0 * (min(n, 6) + 1) for n in shown[:-1]]
    assert numbers(Shuffle(7, piece), frames) != shown
    assert numbers(edit, frames) == shown


def test_a_mirror_exchanges_columns_and_negates_u(frames: np.ndarray, flow: np.ndarray):
    edit = Mirror()
    assert np.array_equal(edit.pictures(frames, MEAN)[:, :, 0], frames[:, :, 9])
    found = edit.along(flow)
    assert found[2, 0, 3].tolist() == [-(30.0 + c) for c in range(9, -1, -1)]
    assert np.array_equal(found[:, 1], flow[:, 1])


@pytest.mark.parametrize("edit", [Mirror(), Reverse()])
def test_twice_is_as_before_to_the_bit(edit: Edit, frames: np.ndarray, flow: np.ndarray):
    assert np.array_equal(edit.pictures(edit.pictures(frames, MEAN), MEAN), frames)
    assert np.array_equal(edit.along(edit.along(flow)), flow)
    assert not np.array_equal(edit.along(flow), flow)


def test_grey_is_luma_and_keeps_the_motion(frames: np.ndarray, flow: np.ndarray):
    found = Grey().pictures(frames, MEAN)
    assert np.array_equal(found[..., 0], found[..., 1])
    assert np.array_equal(found[..., 0], found[..., 2])
    luma = frames.astype(float) @ (0.299, 0.587, 0.114)
    assert np.abs(found[..., 0] - luma).max() <= 1
    assert Grey().along(flow) is flow


def test_a_blur_spreads_a_point_by_its_sigma_and_keeps_the_motion(flow: np.ndarray):
    point = np.zeros((2, 41, 41, 3), np.uint8)
    point[:, 20, 20] = 255
    point[:, 18:23, 18:23] = 255
    found = Blur(3.0).pictures(point, MEAN)[0, ..., 0].astype(float)
    rows = np.arange(41) - 20
    spread = (found.sum(axis=1) * rows**2).sum() / found.sum()
    assert np.sqrt(spread) == pytest.approx(np.sqrt(3**2 + 2), rel=0.1)  # of the square, too
    assert Blur(3.0).along(flow) is flow


def test_an_erased_box_is_the_mean_and_does_not_move(frames: np.ndarray, flow: np.ndarray):
    edit = Erase(x=0.2, y=0.5, w=0.3, h=0.34, first=2, last=4)
    found, moved = edit.pictures(frames, MEAN), edit.along(flow)
    inside = np.zeros((6, 10), bool)
    inside[3:5, 2:5] = True
    for n in range(8):
        hidden = inside if 2 <= n <= 4 else np.zeros_like(inside)
        assert (found[n][hidden] == (10, 20, 30)).all()
        assert np.array_equal(found[n][~hidden], frames[n][~hidden])
        if n < 7:
            assert not moved[n][:, hidden].any()
            assert np.array_equal(moved[n][:, ~hidden], flow[n][:, ~hidden])


def test_a_box_ends_at_the_edge():
    assert Erase(x=0.8, y=0.9, w=0.9, h=0.9).box(10, 10) == (slice(9, 10), slice(8, 10))


def test_edits_of_the_flow_leave_the_pictures(frames: np.ndarray, flow: np.ndarray):
    for edit in (Zero(), Scale(-1.5), Method("tvl1")):
        assert edit.of_flow
        assert edit.pictures(frames, MEAN) is frames
    assert not Zero().along(flow).any()
    assert np.array_equal(Scale(-1.5).along(flow), -1.5 * flow)
    assert Method("tvl1").along(flow) is flow


@pytest.mark.parametrize("edit", EVERY, ids=lambda e: e.title)
def test_every_edit_leaves_what_it_was_given_and_counts_its_frames(
    edit: Edit, frames: np.ndarray, flow: np.ndarray
):
    kept = frames.copy(), flow.copy()
    frames.setflags(write=False)
    flow.setflags(write=False)
    pictures, moved = edit.pictures(frames, MEAN), edit.along(flow)
    assert np.array_equal(frames, kept[0])
    assert np.array_equal(flow, kept[1])
    assert pictures.dtype == np.uint8
    assert moved.dtype == np.float16
    assert len(pictures) == len(moved) + 1 == edit.count_after(len(frames))
    assert pictures.shape[1:] == frames.shape[1:]


@pytest.mark.parametrize("edit", EVERY, ids=lambda e: e.title)
def test_every_edit_has_words_a_setting_for_each_field_and_what_it_begins_with_is_allowed(
    edit: Edit,
):
    assert edit.words
    assert [field.name for field in dataclasses.fields(edit)] == [*edit.settings]


@pytest.mark.parametrize(
    ("kind", "values", "told"),
    [
        (Freeze, {"first": -1}, r"at frame\b.*-1\b.*0 to 599"),
        (Freeze, {"span": "some"}, "rest or whole"),
        (Speed, {"factor": 0.1}, "0.25 to 4"),
        (Speed, {"factor": float("nan")}, "0.25 to 4"),
        (Blur, {"sigma": 99.0}, "0.5 to 32"),
        (Method, {"name": "brox"}, "'brox'.*dis or farneback or tvl1 or raft"),
        (Method, {"name": "\0"}, r"'\\x00'.*dis"),
        (Freeze, {"first": 10**400}, r"\b10{59}\.\.\.0{17}\b.*0 to 599"),
        (Speed, {"factor": float("inf")}, r"\binf\b.*0\.25 to 4"),
        (Shuffle, {"piece": 0}, r"frames kept together\b.*\b0\b"),
    ],
)
def test_what_a_field_may_not_hold_is_told(kind: type[Edit], values: dict, told: str):
    with pytest.raises(InputError, match=told):
        kind(**values)


def test_a_speed_that_leaves_one_frame_or_makes_too_many_is_told():
    with pytest.raises(InputError, match=r"\b1\b.*2 to 600"):
        Speed(4.0).pictures(np.zeros((3, 2, 2, 3), np.uint8), MEAN)
    with pytest.raises(InputError, match=r"\b797\b.*2 to 600"):
        Speed(0.25).pictures(np.zeros((200, 2, 2, 3), np.uint8), MEAN)


def test_flow_that_is_scaled_again_and_again_stays_a_number(flow: np.ndarray):
    found = flow
    for _ in range(12):
        found = Scale(-4.0).along(found)
    assert found.dtype == np.float16
    assert np.isfinite(found).all()
    np.testing.assert_array_equal(np.sign(found), np.sign(flow))
    assert np.abs(found).max() > 60_000
