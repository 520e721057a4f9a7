"""Flow methods: sign, axis, time and number of fields; input scaling and colours by hand."""

from __future__ import annotations

import os
import threading
import time

import cv2
import numpy as np
import pytest
import torch
from torchvision.utils import flow_to_image

from fusionscope.base.records import InputError
from fusionscope.video.clip import Clip
from fusionscope.video.flow.methods import (
    FLOW_METHODS,
    TITLES,
    dense_flow,
    flow_colours,
    flow_fields,
    full_precision,
    interleaved,
    missing_reason,
    net_view,
    speed,
)

USABLE = [method for method in FLOW_METHODS if not missing_reason(method)]
STEPS = ((3, 0), (0, 2), (-2, 1), (1, -3))  # how all pixels move, pair by pair: right, down, ...


@pytest.fixture(scope="module")
def drift() -> Clip:
    """5 frames of 64x80, blurred noise; from frame n to n + 1 all of it moves by ``STEPS[n]``."""
    noise = np.random.default_rng(1).integers(0, 256, (64, 80, 3)).astype(np.uint8)
    frame = cv2.GaussianBlur(noise, (0, 0), 1.5, borderType=cv2.BORDER_WRAP)
    frame = cv2.normalize(frame, np.empty_like(frame), 0, 255, cv2.NORM_MINMAX)
    frames = [frame]
    for dx, dy in STEPS:
        frames.append(np.roll(frames[-1], (dy, dx), axis=(0, 1)))
    return Clip(np.stack(frames), 25.0, "drift")


@pytest.fixture(scope="module")
def long() -> Clip:
    """40 frames of noise that slides: work for many threads."""
    noise = np.random.default_rng(2).integers(0, 256, (96, 96, 3)).astype(np.uint8)
    return Clip(np.stack([np.roll(noise, (n, 2 * n), axis=(0, 1)) for n in range(40)]), 25.0)


@pytest.fixture(scope="module")
def large() -> Clip:
    """4 frames of 256x320, coarse noise that slides: as large as a clip is."""
    noise = np.random.default_rng(3).integers(0, 256, (32, 40, 3)).astype(np.uint8)
    frame = cv2.resize(noise, (320, 256), interpolation=cv2.INTER_CUBIC)
    return Clip(np.stack([np.roll(frame, (2 * n, 5 * n), axis=(0, 1)) for n in range(4)]), 25.0)


@pytest.mark.parametrize("method", USABLE)
def test_each_method_finds_where_pixels_go_forward_in_time(method: str, drift: Clip):
    flow = dense_flow(drift, method)
    assert flow.shape == (4, 2, 64, 80)
    assert flow.dtype == np.float16
    found = np.median(flow[:, :, 16:-16, 16:-16].astype(np.float32), axis=(2, 3))
    np.testing.assert_allclose(found, STEPS, atol=0.3)


def test_a_square_moves_and_the_ground_rests(square: Clip):
    flow = dense_flow(square).astype(np.float32)
    for n, field in enumerate(flow):
        x, y = 20 + 3 * n, 15 + 2 * n
        inside = field[:, y + 8 : y + 22, x + 8 : x + 22]
        np.testing.assert_allclose(np.median(inside, axis=(1, 2)), (3, 2), atol=0.25)
        assert np.median(np.abs(field[:, -12:, :12])) < 0.1


@pytest.mark.parametrize("method", USABLE)
def test_a_still_clip_has_no_flow(method: str, drift: Clip):
    still = Clip(np.repeat(drift.frames[:1], 3, axis=0), 25.0, "still")
    assert np.abs(dense_flow(still, method).astype(np.float32)).max() < 0.1


@pytest.mark.parametrize("method", USABLE)
def test_fields_by_number_are_the_rows_of_the_whole(method: str, drift: Clip):
    whole, numbers = dense_flow(drift, method), [3, 0, 3, 1]
    np.testing.assert_array_equal(flow_fields(drift, numbers, method), whole[numbers])
    assert flow_fields(drift, (n for n in (2,)), method).shape == (1, 2, 64, 80)


def test_flow_is_read_only(drift: Clip):
    assert not dense_flow(drift, "farneback").flags.writeable


@pytest.mark.parametrize("method", ["dis", "farneback"])
def test_the_same_bits_whatever_the_number_of_cores(
    method: str, large: Clip, monkeypatch: pytest.MonkeyPatch
):
    found = []
    for cores in (1, 2, 7):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        found.append(dense_flow(large, method).tobytes())
    assert len(set(found)) == 1


def test_opencv_has_no_threads_of_its_own():
    assert cv2.getNumThreads() == 1  # since fusionscope.video.flow.methods was imported


def test_an_estimator_is_given_frame_n_and_the_next_in_grey(monkeypatch: pytest.MonkeyPatch):
    colours = np.array([(200, 0, 0), (0, 200, 0), (0, 0, 200)], np.uint8)
    clip = Clip(np.broadcast_to(colours[:, None, None], (3, 8, 8, 3)).copy(), 25.0)
    made = {"dis": lambda: lambda a, b: np.stack((a, b), axis=2).astype(np.float32)}
    monkeypatch.setattr("fusionscope.video.flow.methods.FLOW_METHODS", made)
    # 0.299 red, 0.587 green, 0.114 blue
    assert dense_flow(clip)[:, :, 3, 3].tolist() == [[60, 117], [117, 23]]


def test_progress_rises_to_one(drift: Clip):
    told: list[tuple[str, float]] = []
    dense_flow(drift, progress=lambda stage, done: told.append((stage, done)))
    assert told == [("flow", 0.25), ("flow", 0.5), ("flow", 0.75), ("flow", 1.0)]


def test_an_exception_from_progress_stops_the_work_and_leaves_no_thread(
    long: Clip, monkeypatch: pytest.MonkeyPatch
):
    class Enough(Exception):
        pass

    begun: list[int] = []

    def slow():
        def estimate(a: np.ndarray, _: np.ndarray) -> np.ndarray:
            begun.append(1)
            time.sleep(0.01)
            return np.zeros((*a.shape, 2), np.float32)

        return estimate

    def stop(stage: str, done: float) -> None:
        raise Enough(f"{stage} {done}")

    monkeypatch.setattr("fusionscope.video.flow.methods.FLOW_METHODS", {"dis": slow})
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    before = threading.active_count()
    with pytest.raises(Enough):
        dense_flow(long, progress=stop)
    assert threading.active_count() == before
    assert len(begun) < 10  # of 39


def test_an_unknown_method_is_an_input_error_that_names_the_others(drift: Clip):
    with pytest.raises(InputError, match=r"'brox'.*dis, farneback, tvl1, raft"):
        dense_flow(drift, "brox")


def test_every_method_has_a_title():
    assert set(FLOW_METHODS) < set(TITLES)


def test_the_nets_view_by_hand():
    pixels = np.array([-25, -20, -10, -0.1, 0, 0.1, 10, 20, 25, 1000], np.float16)
    # 255 (v + 20) / 40 = 127.5 + 6.375 v, rounded half up, as cvRound(127.5) = 128 goes
    assert net_view(pixels).tolist() == [0, 0, 64, 127, 128, 128, 191, 255, 255, 255]
    assert net_view(pixels).dtype == np.uint8
    assert net_view(pixels[None, :, None]).shape == (1, 10, 1)


def test_the_nets_view_can_be_undone_within_half_a_step():
    pixels = np.linspace(-20, 20, 4001)
    back = net_view(pixels) / 255.0 * 40 - 20
    assert np.abs(back - pixels).max() <= 20 / 255 + 1e-6


def test_stacks_are_interleaved_u1_v1_u2_v2():
    flow = np.arange(6)[:, None, None] * np.ones((6, 2, 3))
    stacked = interleaved(flow.reshape(3, 2, 2, 3))
    assert stacked.shape == (6, 2, 3)
    assert stacked[:, 1, 2].tolist() == [0, 1, 2, 3, 4, 5]


def test_speed_by_hand():
    flow = np.zeros((2, 2, 1, 2), np.float16)
    flow[1, :, 0, 1] = (3, -4)
    assert speed(flow).tolist() == [[[0, 0]], [[0, 5]]]
    assert speed(flow[1]).shape == (1, 2)
    assert speed(np.full((2, 1, 1), 300, np.float16))[0, 0] == pytest.approx(424.26, abs=0.1)


@pytest.mark.parametrize("full", [1.0, 7.5])
def test_colours_are_torchvisions_wheel(full: float):
    turn = np.linspace(0, 2 * np.pi, 360, endpoint=False)
    share = np.linspace(0, 1, 21)[:, None]
    flow = np.stack([share * np.cos(turn), share * np.sin(turn)]).astype(np.float32) * full
    # torchvision divides by the largest speed of the picture: here the last row's, ``full``
    theirs = flow_to_image(torch.from_numpy(flow)).permute(1, 2, 0).numpy()
    ours = flow_colours(flow, full)
    assert ours.dtype == np.uint8
    assert np.abs(ours.astype(int) - theirs).max() <= 2  # they round the wheel down, and then again


def test_colours_by_hand():
    def colour(u: float, v: float) -> list[int]:
        return flow_colours(np.array([[[u]], [[v]]]), 4.0)[0, 0].tolist()

    assert colour(0, 0) == [255, 255, 255]
    right, down, left, up = (np.array(colour(*v)) for v in ((4, 0), (0, 4), (-4, 0), (0, -4)))
    assert right.tolist() == [255, 0, 0]
    assert down[0] > 200  # yellow
    assert down[1] > 200
    assert down[2] == 0
    assert left[0] == 0  # cyan
    assert left[1] > 150
    assert left[2] > 200
    assert up[0] > 50  # violet
    assert up[1] == 0
    assert up[2] == 255
    assert colour(40, 0) == colour(4, 0)  # beyond full is full
    assert colour(2, 0) == [255, 128, 128]  # half as fast, half as pale


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_full_precision_keeps_every_value_however_it_lies_in_memory(kind: type):
    flow = np.random.default_rng(0).normal(size=(3, 2, 8, 6)).astype(kind)
    flow.setflags(write=False)
    for given in (flow, flow[::-1], flow[..., ::2], flow[1]):
        found = full_precision(given)
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, given.astype(np.float32))
