"""Snippets: numbered frames and fields read back; positions of chunks; clips too short."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from fusionscope.base.records import InputError
from fusionscope.card import Card
from fusionscope.video.clip import Clip
from fusionscope.video.snippets import Snippets, chunk_frames, fed_size, sample_snippets


def numbered_flow(clip: Clip) -> np.ndarray:
    """Flow that encodes its number in the network's input: u of field n is 10 n, v is 10 n + 5."""
    count, height, width, _ = clip.frames.shape
    values = np.add.outer(10 * np.arange(count - 1), (0, 5))
    pixels = values / 6.375 - 20
    return np.broadcast_to(pixels[:, :, None, None], (count - 1, 2, height, width)).astype(
        np.float16
    )


@pytest.mark.parametrize("stack", [2, 3, 6])
@pytest.mark.parametrize("size", [48, 20, 96])
def test_each_chunk_is_one_frame_and_the_fields_about_it(
    stack: int, size: int, numbered: Clip, card: Card
):
    fed = dataclasses.replace(card, stack=stack, size=size)
    snippets = sample_snippets(numbered, numbered_flow(numbered), fed)
    width = round(size * 64 / 48)
    assert snippets.rgb.shape == (3, 3, size, width)
    assert snippets.flow.shape == (3, 2 * stack, size, width)
    assert snippets.rgb.dtype == snippets.flow.dtype == np.uint8
    assert snippets.frames.tolist() == [4, 12, 20]
    for chunk, frame in enumerate((4, 12, 20)):
        assert np.unique(snippets.rgb[chunk]).tolist() == [10 * frame]
        fields = range(frame - stack // 2, frame - stack // 2 + stack)  # paper.md 5.3: c-5..c+4
        expected = [value for n in fields for value in (10 * n, 10 * n + 5)]
        for channel, value in enumerate(expected):
            assert np.unique(snippets.flow[chunk, channel]).tolist() == [value]


def test_ten_fields_surround_the_frame_as_in_the_paper(card: Card):
    frames = np.zeros((25, 32, 32, 3), np.uint8)
    clip = Clip(frames, 25.0)
    fed = dataclasses.replace(card, stack=10, chunks=1, size=32)
    snippets = sample_snippets(clip, numbered_flow(clip), fed)
    assert snippets.frames.tolist() == [12]
    assert snippets.flow[0, ::2, 0, 0].tolist() == [10 * n for n in range(12 - 5, 12 + 4 + 1)]
    assert snippets.spans == ((7, 17),)


def test_rows_columns_and_colours_stay_what_they_are(card: Card):
    frames = np.random.default_rng(0).integers(0, 256, (8, 24, 40, 3)).astype(np.uint8)
    flow = np.random.default_rng(1).uniform(-20, 20, (7, 2, 24, 40)).astype(np.float16)
    snippets = sample_snippets(Clip(frames, 25.0), flow, dataclasses.replace(card, size=24))
    for chunk, frame in enumerate(snippets.frames):
        np.testing.assert_array_equal(snippets.rgb[chunk].transpose(1, 2, 0), frames[frame])
        expected = np.floor((flow[frame].astype(float) + 20) * 6.375 + 0.5)
        np.testing.assert_array_equal(snippets.flow[chunk, 2:4], expected)


def test_smaller_pictures_are_area_means_and_keep_their_shape(card: Card):
    frames = np.zeros((4, 32, 64, 3), np.uint8)
    frames[:, :16, :32, 0] = 200
    frames[:, ::2, 32:, 1] = 100
    flow = np.zeros((3, 2, 32, 64), np.float16)
    flow[:, 0, :, :32] = 4
    snippets = sample_snippets(Clip(frames, 25.0), flow, dataclasses.replace(card, size=8))
    assert snippets.rgb.shape[2:] == (8, 16)
    assert (snippets.rgb[:, 0, :4, :8] == 200).all()
    assert snippets.rgb[:, 0].astype(int).sum() == 3 * 200 * 4 * 8
    assert (snippets.rgb[:, 1, :, 8:] == 50).all()
    assert (snippets.flow[:, ::2, :, :8] == 153).all()  # 4 pixels of the clip: not rescaled
    assert (snippets.flow[:, ::2, :, 8:] == 128).all()
    assert (snippets.flow[:, 1::2] == 128).all()


def test_an_input_may_be_taller_than_wide():
    assert fed_size(256, 256, 112) == (112, 112)
    assert fed_size(256, 455, 224) == (224, 398)
    assert fed_size(455, 256, 224) == (398, 224)
    assert fed_size(96, 128, 112) == (112, 149)


@pytest.mark.parametrize(
    ("count", "chunks", "stack", "frames"),
    [
        (50, 5, 6, [5, 15, 25, 35, 45]),
        (50, 5, 10, [5, 15, 25, 35, 44]),
        (11, 5, 10, [5, 5, 5, 5, 5]),
        (12, 3, 10, [5, 6, 6]),
        (14, 3, 2, [2, 7, 11]),
        (100, 1, 6, [50]),
        (20, 4, 3, [2, 7, 12, 17]),
    ],
)
def test_chunks_are_spread_over_the_clip(count: int, chunks: int, stack: int, frames: list[int]):
    assert chunk_frames(count, chunks, stack).tolist() == frames


@pytest.mark.parametrize("stack", [1, 2, 3, 6, 9, 10])
def test_every_stack_lies_within_the_clip_and_the_first_and_last_as_near_the_ends(stack: int):
    for count in range(stack + 1, 60):
        for chunks in (1, 2, 5, 20):
            frames = chunk_frames(count, chunks, stack)
            first, last = frames - stack // 2, frames - stack // 2 + stack
            assert len(frames) == chunks
            assert (np.diff(frames) >= 0).all()
            assert first.min() >= 0
            assert last.max() <= count - 1
            # spread: within rounding, the same margin before the first chunk as after the last
            assert abs(int(frames[0]) - (count - 1 - int(frames[-1]))) <= 1


def test_spans_have_one_frame_more_than_fields(three: Snippets):
    assert three.spans == ((3, 5), (11, 13), (19, 21))


@pytest.fixture
def three(numbered: Clip, card: Card) -> Snippets:
    """Three chunks of two fields each."""
    return sample_snippets(numbered, numbered_flow(numbered), dataclasses.replace(card, size=48))


@pytest.mark.parametrize(("count", "stack"), [(10, 10), (2, 2), (20, 20)])
def test_a_short_clip_is_an_input_error_with_numbers(count: int, stack: int):
    with pytest.raises(
        InputError, match=rf"has {count} frames; .* at least {stack + 1}, .*{stack} consecutive"
    ):
        chunk_frames(count, 5, stack)
    assert len(chunk_frames(count + 1, 5, stack)) == 5


def test_snippets_are_sealed_and_agree_on_the_chunks(three: Snippets):
    assert not any(a.flags.writeable for a in (three.rgb, three.flow, three.frames))
    with pytest.raises(ValueError, match=r"got 2\D+3\D+3"):
        dataclasses.replace(three, rgb=three.rgb[:2])


def test_flow_of_another_clip_is_refused(numbered: Clip, card: Card):
    flow = numbered_flow(numbered)
    for wrong in (flow[1:], flow[:, :, 1:], flow.swapaxes(2, 3)):
        with pytest.raises(ValueError, match="expected flow of"):
            sample_snippets(numbered, wrong, card)
