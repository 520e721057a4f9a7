"""Stack: edits as text and back, and one after another on a clip and its flow."""

from __future__ import annotations

import numpy as np
import pytest

from fusionscope.base.records import InputError
from fusionscope.explain.edits.edit_list import (
    AGAIN,
    ALONG,
    EDITS,
    KEEP,
    edited_clip,
    edited_flow,
    method_of,
    moved_along,
    read_edits,
    said,
    write_edits,
)
from fusionscope.explain.edits.flow_edits import Method, Scale
from fusionscope.explain.edits.picture_edits import Blur, Erase, Mirror
from fusionscope.explain.edits.time_edits import Freeze, Reverse
from fusionscope.video.clip import Clip
from fusionscope.video.flow.methods import dense_flow

MEAN = (128.0, 128.0, 128.0)


@pytest.fixture(scope="module")
def measured(square: Clip) -> np.ndarray:
    return dense_flow(square)


def test_every_edit_is_read_back_as_it_was_written():
    one_of_each = [(kind(),) for kind in EDITS.values()]
    for edits in (*one_of_each, (Erase(0.123456, 0.0, 1.0, 0.5, 3, 9), Mirror(), Freeze(12))):
        text = write_edits(edits)
        assert read_edits(text) == edits
        assert set(text) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-_~")
        assert write_edits(read_edits(text)) == text


def test_the_text_is_short_and_stands_in_order():
    assert write_edits([Mirror(), Freeze(12), Scale(-1.5)]) == "mirror~freeze_12_rest~scale_-1.5"
    assert write_edits([]) == ""
    assert read_edits("") == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x", "there is no edit 'x'; choose one of freeze, reverse"),
        ("mirror~", "there is no edit ''"),
        ("freeze_a_rest", "'freeze_a_rest' cannot be read as an edit; needed: freeze_0_rest"),
        ("freeze_1.5_rest", "cannot be read"),
        ("erase_0.1_0.2", "cannot be read as an edit; needed: erase_0.35_"),
        ("mirror_1", "needed: mirror"),
        ("speed_9", "speed factor is 9.0; needed: 0.25 to 4"),
        ("blur_nan", "needed: 0.5 to 32"),
        ("~".join(["mirror"] * 13), "13 edits; needed: at most 12"),
    ],
)
def test_mangled_text_is_told_in_one_sentence(text: str, told: str):
    with pytest.raises(InputError) as raised:
        read_edits(text)
    assert told in str(raised.value)
    assert len(str(raised.value)) < 200


def test_it_is_said_what_was_done_in_order():
    assert said([Mirror(), Freeze(12)]) == "mirrored, then frozen from frame 13 on"


def test_edits_come_one_after_another(square: Clip):
    erased = Erase(0.0, 0.0, 0.5, 1.0)
    one = edited_clip(square, [erased, Mirror()], MEAN).frames
    other = edited_clip(square, [Mirror(), erased], MEAN).frames
    assert (one[:, :, 64:] == 128).all()
    assert (other[:, :, :64] == 128).all()
    assert np.array_equal(one[:, :, :64], square.frames[:, :, :63:-1])


def test_an_edited_clip_has_a_digest_of_its_own(square: Clip):
    mirrored = edited_clip(square, [Mirror()], MEAN)
    assert mirrored.digest != square.digest
    assert mirrored.digest == edited_clip(square, [Mirror()], MEAN).digest
    assert mirrored.digest != edited_clip(square, [Reverse()], MEAN).digest
    assert edited_clip(square, [Scale(2.0), Method("tvl1")], MEAN) is square
    assert not mirrored.frames.flags.writeable
    assert mirrored.frames.flags.c_contiguous
    assert mirrored.fps == square.fps


def test_each_edit_is_told_and_what_progress_raises_ends_the_work(square: Clip):
    told: list[tuple[str, float]] = []

    def stop(stage: str, done: float) -> None:
        told.append((stage, done))
        if len(told) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        edited_clip(square, [Mirror(), Blur(), Reverse(), Blur()], MEAN, stop)
    assert told == [("edits", 0.0), ("edits", 0.25)]


def test_again_measures_the_edited_frames_and_then_edits_the_flow(square: Clip):
    edits = [Scale(2.0), Mirror()]
    edited = edited_clip(square, edits, MEAN)
    found = edited_flow(square, edited, edits, AGAIN)
    np.testing.assert_array_equal(found, 2 * dense_flow(edited))


def test_along_measures_the_clip_and_lets_every_edit_act(square: Clip, measured: np.ndarray):
    edits = [Scale(2.0), Mirror(), Freeze(4)]
    found = edited_flow(square, edited_clip(square, edits, MEAN), edits, ALONG)
    np.testing.assert_array_equal(found, moved_along(measured, edits))
    assert not found[4:].any()
    assert found[:4].any()


def test_keep_lets_only_edits_of_the_flow_act(square: Clip, measured: np.ndarray):
    edits = [Mirror(), Freeze(0), Scale(-1.0)]
    found = edited_flow(square, edited_clip(square, edits, MEAN), edits, KEEP)
    np.testing.assert_array_equal(found, -measured)


def test_kept_flow_lasts_as_long_as_the_edited_clip(square: Clip):
    edits = read_edits("speed_2")
    edited = edited_clip(square, edits, MEAN)
    assert edited_flow(square, edited, edits, KEEP).shape == (6, 2, 96, 128)


def test_flow_is_measured_by_the_last_method_asked_for_else_by_the_networks(square: Clip):
    asked: list[tuple[str, str]] = []

    def measure(clip: Clip, method: str) -> np.ndarray:
        asked.append((clip.digest, method))
        return np.zeros((13, 2, 96, 128), np.float16)

    for edits in ([], [Method("tvl1"), Method("farneback")]):
        for way in (AGAIN, ALONG):
            edited_flow(square, square, edits, way, method="dis", measure=measure)
    assert [method for _, method in asked] == ["dis", "dis", "farneback", "farneback"]
    assert method_of([Blur()], "dis") == "dis"


def test_a_chimera_has_the_motion_of_the_other_clip_fitted_to_this_one(
    square: Clip, measured: np.ndarray
):
    other = Clip(np.repeat(square.frames[:7, ::2, ::2], 2, axis=2), 25.0)  # half as high, 7 frames
    for way in (AGAIN, KEEP):
        found = edited_flow(square, square, [], way, motion=other)
        assert found.shape == measured.shape
    theirs = dense_flow(other)
    middle = (slice(None), slice(None), 40, 64)
    assert found[middle][0, 0] == pytest.approx(theirs[0, 0, 20, 64] * 6 / 13, abs=0.3)
    same = edited_flow(square, square, [], KEEP, motion=square)
    np.testing.assert_array_equal(same, measured)


def test_a_chimeras_motion_is_edited_along_or_left(square: Clip, measured: np.ndarray):
    edits = [Mirror()]
    edited = edited_clip(square, edits, MEAN)
    along = edited_flow(square, edited, edits, ALONG, motion=square)
    np.testing.assert_array_equal(along, Mirror().along(measured))
    np.testing.assert_array_equal(edited_flow(square, edited, edits, KEEP, motion=square), measured)


def test_there_is_no_fourth_way(square: Clip):
    with pytest.raises(InputError, match=r"'round'.*again, along"):
        edited_flow(square, square, [], "round")
