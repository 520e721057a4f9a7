"""Clip sampling: reproducible samples, with one crop, mirroring and spacing in both streams."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from fusionscope.base.records import InputError
from fusionscope.data.clip_cache import Kept
from fusionscope.data.datasets import Item
from fusionscope.training.clips.clip_sampling import Draws, drawn_box, drawn_frames, recoloured
from fusionscope.training.validation import snippets_of
from fusionscope.video.snippets import mirrored as mirror
from tests.tiny_training import CARD, LABELS, PLAN

N, H, W = 14, 100, 110
STACK = CARD.stack
PLAIN = dataclasses.replace(PLAN, mixup=0.0, jitter=0.0, smoothing=0.1, crop=100, shown=100)


def clip(folder: Path, number: int) -> Kept:
    """Frame n is 10 n + number in red, its column in green; u is 100 + n, v is 20 + n."""
    frames = np.zeros((N, H, W, 3), np.uint8)
    frames[..., 0] = 10 * np.arange(N)[:, None, None] + number
    frames[..., 1] = np.arange(W)
    flow = np.stack(np.broadcast_arrays(100 + np.arange(N - 1), 20 + np.arange(N - 1)), axis=-1)
    fields = np.broadcast_to(flow[:, None, None], (N - 1, H, W, 2)).astype(np.uint8)
    paths = folder / f"{number}-rgb.npy", folder / f"{number}-dis.npy"
    np.save(paths[0], frames)
    np.save(paths[1], fields + 3 * number)
    return Kept(Item(f"c{number}", LABELS[number % 3], folder / "none", "0", "g"), *paths)


@pytest.fixture
def clips(tmp_path: Path) -> list[Kept]:
    return [clip(tmp_path, number) for number in range(4)]


def mirrored(rgb: np.ndarray) -> bool:
    return bool(rgb[0, 1, 0, 0] > rgb[0, 1, 0, -1])


def test_every_clip_comes_once_an_epoch_each_time_in_another_order(clips: list[Kept]):
    draws = Draws(clips, PLAIN, LABELS)
    epochs = [[draws.at(4 * epoch + k)[0] for k in range(4)] for epoch in range(6)]
    assert all(sorted(epoch) == [0, 1, 2, 3] for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) > 1
    assert [draws.at(4 * epoch)[1] for epoch in range(6)] == [0, 1, 2, 3, 4, 5]
    few = Draws(clips, dataclasses.replace(PLAIN, ways=2), LABELS)
    assert [few.at(4 * epoch)[1] for epoch in range(6)] == [0, 1, 0, 1, 0, 1]


def test_whole_clips_are_shown_as_they_are_fed_in_use_and_mirrored_every_other_time(
    clips: list[Kept],
):
    draws = Draws(clips, dataclasses.replace(PLAIN, whole=True), LABELS)
    for clip in range(4):
        fed = snippets_of(clips[clip], PLAIN.card)
        for way, shown in enumerate((fed, mirror(fed), fed)):
            rgb, flow, target = draws.drawn(clip, way)
            assert (rgb.numpy() == shown.rgb).all()
            assert (flow.numpy() == shown.flow).all()
            assert target.argmax() == clip % 3


def test_whole_clips_of_two_sizes_do_not_fit_in_a_batch(clips: list[Kept], tmp_path: Path):
    np.save(tmp_path / "wide.npy", np.zeros((9, 100, 150, 3), np.uint8))
    wide = dataclasses.replace(clips[0], frames=tmp_path / "wide.npy")
    with pytest.raises(InputError, match="clips of 110x100 and of 150x100 pixels"):
        Draws([*clips, wide], dataclasses.replace(PLAIN, whole=True), LABELS)


def test_a_sample_is_reproducible_and_differs_from_others(clips: list[Kept]):
    plan = dataclasses.replace(PLAN, colour=0.3)
    one, other = (Draws(clips, plan, LABELS)[5] for _ in range(2))
    assert all((a == b).all() for a, b in zip(one, other, strict=True))
    assert (one[0] != Draws(clips, plan, LABELS)[9][0]).any()
    seeded = Draws(clips, dataclasses.replace(plan, seed=1), LABELS)[5]
    assert (one[0] != seeded[0]).any()


def test_each_chunk_has_its_frame_and_the_stack_about_it(clips: list[Kept]):
    ways = set()
    for number in range(24):
        draws = Draws(clips, PLAIN, LABELS)
        rgb, flow, _ = (part.numpy() for part in draws[number])
        clip, _ = draws.at(number)
        assert rgb.shape == (2, 3, 100, 100)
        assert flow.shape == (2, 2 * STACK, 100, 100)
        frames = (rgb[:, 0, 50, 50].astype(int) - clip) // 10
        first = frames - STACK // 2
        turned = mirrored(rgb)
        ways.add(turned)
        for chunk in range(2):
            u = 100 + first[chunk] + np.arange(STACK) + 3 * clip
            v = 20 + first[chunk] + np.arange(STACK) + 3 * clip
            assert (flow[chunk, 0::2, 50, 50] == (255 - u if turned else u)).all()
            assert (flow[chunk, 1::2, 50, 50] == v).all()
        assert (rgb[0, 1] == rgb[1, 1]).all()  # one crop, one mirror for all chunks
    assert ways == {False, True}


def test_frames_are_evenly_spaced_and_leave_room_for_whole_stacks():
    random = np.random.default_rng(0)
    steps, firsts = set(), set()
    for _ in range(300):
        frames = drawn_frames(40, 5, 10, random)
        gaps = np.diff(frames)
        assert (gaps == gaps[0]).all()
        assert frames[0] >= 5
        assert frames[-1] + 5 <= 39
        steps.add(int(gaps[0]))
        firsts.add(int(frames[0]))
    assert steps == set(range(1, 8))  # (34 - 5) // 4 is the widest
    assert {5, 30} <= firsts
    assert (drawn_frames(11, 5, 10, random) == 5).all()
    assert {int(drawn_frames(200, 5, 10, random)[1] - f) for f in [0]} >= set()
    wide = {int(np.diff(drawn_frames(200, 5, 10, random))[0]) for _ in range(200)}
    assert wide == set(range(1, 11))  # the paper's 1 to 10
    with pytest.raises(InputError, match="the clip has 10 frames; this network needs at least 11"):
        drawn_frames(10, 5, 10, random)


def test_crops_are_jittered_each_way_on_their_own_and_stay_inside():
    plan = dataclasses.replace(PLAN, crop=160, shown=192, jitter=0.25)
    random = np.random.default_rng(0)
    boxes = [drawn_box((256, 342), plan, random) for _ in range(500)]
    side = 256 * 160 / 192
    high = np.array([rows.stop - rows.start for rows, _ in boxes])
    wide = np.array([columns.stop - columns.start for _, columns in boxes])
    assert high.min() >= 0.75 * side - 1
    assert high.max() == 256  # no higher than the frame
    assert wide.max() > 1.2 * side
    assert abs(np.corrcoef(high, wide)[0, 1]) < 0.15
    assert all(rows.start >= 0 and rows.stop <= 256 for rows, _ in boxes)
    assert all(columns.start >= 0 and columns.stop <= 342 for _, columns in boxes)


def test_targets_are_smoothed_and_mixed_as_the_pictures_are(clips: list[Kept]):
    target = Draws(clips, PLAIN, LABELS)[0][2].numpy()
    truth = Draws(clips, PLAIN, LABELS).classes[Draws(clips, PLAIN, LABELS).at(0)[0]]
    assert target.sum() == pytest.approx(1)
    assert target[truth] == pytest.approx(0.9 + 0.1 / 3)
    plan = dataclasses.replace(PLAIN, mixup=1.0, smoothing=0.0)
    draws = Draws(clips[:2], plan, LABELS)
    shares = []
    for number in range(20):
        rgb, _, target = (part.numpy() for part in draws[number])
        assert target.sum() == pytest.approx(1)
        assert target[2] == 0
        shares.append(float(target.max()))
        assert 0 <= rgb[0, 0, 50, 50] <= 141
    assert min(shares) < 0.9


def test_colours_change_alike_in_all_frames_and_not_at_all_without():
    frames = np.random.default_rng(0).integers(0, 255, (2, 8, 8, 3), np.uint8)
    frames[1] = frames[0]
    random = np.random.default_rng(1)
    assert recoloured(frames, 0.0, random) is frames
    changed = recoloured(frames, 0.3, random)
    assert (changed[0] == changed[1]).all()
    assert (changed != frames).mean() > 0.5
    assert changed.dtype == np.uint8


def test_spacing_is_drawn_between_the_recipes_ends_and_shorter_in_a_short_clip():
    random = np.random.default_rng(0)
    found = {int(np.diff(drawn_frames(200, 5, 10, random, (5, 15)))[0]) for _ in range(400)}
    assert found == set(range(5, 16))
    short = {int(np.diff(drawn_frames(20, 5, 10, random, (5, 15)))[0]) for _ in range(50)}
    assert short == {2}  # 9 places for the first and last of 5 chunks


def test_crops_near_a_border_leave_the_middle_free():
    plan = dataclasses.replace(PLAN, crop=50, shown=100, jitter=0.0, border=0.25)
    random = np.random.default_rng(0)
    boxes = [drawn_box((100, 200), plan, random) for _ in range(500)]
    tops, lefts = {b[0].start for b in boxes}, {b[1].start for b in boxes}
    assert tops == {*range(13), *range(38, 51)}  # of 50 free pixels
    assert min(lefts) == 0
    assert max(lefts) == 150
    assert not {*range(39, 112)} & lefts
    corners = {(b[0].start < 25, b[1].start < 75) for b in boxes}
    assert len(corners) == 4  # both sides are drawn separately
