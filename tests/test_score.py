"""Flow score: warp error and end-point error by hand, and on a clip with known flow."""

from __future__ import annotations

import numpy as np
import pytest

from fusionscope.base.records import InputError
from fusionscope.data.toybox.true_flow import flow_truth
from fusionscope.data.toybox.world import FRAMES, SOLID, ToyWorld, toy_world
from fusionscope.video.clip import Clip
from fusionscope.video.flow.duration import planned_seconds, seconds_per_field
from fusionscope.video.flow.methods import (
    FLOW_METHODS,
    dense_flow,
    flow_fields,
    lanes,
    missing_reason,
)
from fusionscope.video.flow.score import (
    FlowTruth,
    clipped_share,
    end_point_error,
    flow_score,
    warp_error,
    warped_back,
)

BY = (3, -2)  # pixels: right and up


@pytest.fixture(scope="module")
def shifted() -> Clip:
    """3 frames of 40x56: a texture that moves by ``BY``; new texture comes in at the edges."""
    whole = np.random.default_rng(6).integers(0, 256, (80, 100, 3)).astype(np.uint8)
    cut = [whole[20 - n * BY[1] :, 20 - n * BY[0] :][:40, :56] for n in range(3)]
    return Clip(np.stack(cut), 25.0, "shifted")


@pytest.fixture(scope="module")
def world() -> ToyWorld:
    return toy_world(3)


def uniform(clip: Clip, x: float, y: float) -> np.ndarray:
    flow = np.zeros((len(clip.frames) - 1, 2, *clip.frames.shape[1:3]), np.float16)
    flow[:, 0], flow[:, 1] = x, y
    return flow


def test_the_true_flow_of_a_shift_leaves_no_warp_error(shifted: Clip):
    score = flow_score(shifted, uniform(shifted, *BY))
    assert score.warp_error == pytest.approx(0, abs=1e-4)
    assert score.compared == pytest.approx((56 - 3) * (40 - 2) / (56 * 40))
    assert score.clipped == 0
    assert score.end_point is None
    assert score.end_point_moving is None


@pytest.mark.parametrize("wrong", [(-3, 2), (0, 0), (-2, 3), (2, -2)])
def test_any_other_flow_leaves_much(shifted: Clip, wrong: tuple[int, int]):
    assert flow_score(shifted, uniform(shifted, *wrong)).warp_error > 20


def test_without_flow_the_error_is_the_difference_of_the_frames(shifted: Clip):
    grey = shifted.frames.astype(float) @ (0.299, 0.587, 0.114)
    by_hand = np.abs(np.diff(grey, axis=0)).mean()
    score = flow_score(shifted, uniform(shifted, 0, 0))
    assert score.warp_error == pytest.approx(by_hand, abs=0.2)  # greys are rounded
    assert score.compared == 1


def test_a_picture_is_fetched_back_by_hand():
    picture = np.array([[0, 10, 20, 40]], np.uint8)
    field = np.zeros((2, 1, 4), np.float32)
    field[0, 0] = (1, 0.5, 0, 1)
    fetched, inside = warped_back(picture, field)
    assert fetched[0, :3].tolist() == [10, 15, 20]
    assert inside.tolist() == [[True, True, True, False]]
    field[1] = 0.5  # below the only row
    assert not warped_back(picture, field)[1].any()
    frame = np.repeat(picture[..., None], 3, axis=2)
    assert warp_error(frame, frame, field) == (0.0, 0.0)


def test_a_flow_that_leaves_the_picture_everywhere_scores_nan(shifted: Clip):
    score = flow_score(shifted, uniform(shifted, 900, 0))
    assert np.isnan(score.warp_error)
    assert (score.compared, score.clipped) == (0, 1)


def test_end_point_error_by_hand():
    flow, true = np.zeros((2, 1, 2)), np.zeros((2, 1, 2))
    flow[:, 0, 0], true[:, 0, 0] = (4, 1), (1, -3)
    assert end_point_error(flow, true).tolist() == [[5, 0]]


def test_end_point_error_counts_the_pairs_and_the_pixels_that_it_should(shifted: Clip):
    true, counted = uniform(shifted, 0, 0), np.array([True, False])
    moving = np.zeros((2, 40, 56), bool)
    moving[0, :10, :14] = True  # a sixteenth
    flow = uniform(shifted, 0, 0)
    flow[0, :, :10, :14] = np.array((3, 4))[:, None, None]
    flow[1] = 50  # of a pair that does not count
    score = flow_score(shifted, flow, FlowTruth(true, counted, moving))
    assert score.end_point == pytest.approx(5 / 16, rel=1e-3)
    assert score.end_point_moving == pytest.approx(5)
    assert score.clipped == 0
    still = flow_score(shifted, flow, FlowTruth(true, counted, np.zeros_like(moving)))
    assert still.end_point_moving is None


def test_a_pixel_is_clipped_if_either_component_exceeds_the_bound():
    flow = np.zeros((1, 2, 1, 4))
    flow[0, 0, 0] = (20, 21, 0, -30)
    flow[0, 1, 0] = (0, 0, -20.5, -30)
    assert clipped_share(flow) == 0.75
    assert clipped_share(flow[0]) == 0.75


def test_flow_of_another_size_is_refused(shifted: Clip):
    with pytest.raises(ValueError, match="expected flow"):
        flow_score(shifted, uniform(shifted, 0, 0)[:1])


def test_the_true_flow_of_toybox_has_no_end_point_error_and_little_warp_error(world: ToyWorld):
    truth = flow_truth(world)
    score = flow_score(world.clip, world.flow, truth)
    still = flow_score(world.clip, np.zeros_like(world.flow), truth)
    assert (score.end_point, score.end_point_moving) == (0, 0)
    assert still.end_point_moving is not None
    assert 4 <= still.end_point_moving <= 8  # the balls' pace
    assert score.warp_error < 0.35 * still.warp_error


def test_pairs_across_scenes_do_not_count_and_only_balls_move(world: ToyWorld):
    truth = flow_truth(world)
    assert truth.counted.sum() == sum(last - first - 1 for first, last in SOLID)
    for n in range(FRAMES - 1):
        both = any(first <= n and n + 1 < last for first, last in SOLID)
        assert truth.counted[n] == both
        assert truth.moving[n].any() == (both and not 21 <= n < 29)  # the balls rest
    np.testing.assert_array_equal(truth.moving[3], world.masks[:, 3].any(axis=0))


@pytest.mark.parametrize("method", [m for m in FLOW_METHODS if not missing_reason(m)])
def test_every_method_explains_toybox_better_than_no_flow(world: ToyWorld, method: str):
    truth, numbers = flow_truth(world), [2, 43]
    counted = np.isin(np.arange(FRAMES - 1), numbers)
    few = FlowTruth(truth.flow, counted, truth.moving & counted[:, None, None])
    flow = np.zeros_like(world.flow)
    still = flow_score(world.clip, flow, few)
    flow[numbers] = flow_fields(world.clip, numbers, method)
    score = flow_score(world.clip, flow, few)
    assert score.warp_error < 0.8 * still.warp_error
    assert score.end_point_moving is not None
    assert still.end_point_moving is not None
    assert score.end_point_moving < 0.5 * still.end_point_moving


def test_a_truth_is_sealed(world: ToyWorld):
    truth = flow_truth(world)
    for part in (truth.flow, truth.counted, truth.moving):
        assert not part.flags.writeable


@pytest.mark.slow
def test_measured_and_planned_durations_agree(world: ToyWorld):
    slow, fast = (seconds_per_field(world.clip, method) for method in ("tvl1", "dis"))
    assert 0 < 5 * fast < slow  # 47 to 70 where it was measured
    rounds = np.ceil((FRAMES - 1) / lanes("tvl1"))
    assert 0.25 < planned_seconds(world.clip, "tvl1") / (slow * rounds) < 4  # machines are shared
    short = Clip(world.clip.frames[:3], 12.5)
    assert planned_seconds(short, "tvl1") < planned_seconds(world.clip, "tvl1")


def test_an_unusable_method_raises_its_reason(world: ToyWorld, monkeypatch, tmp_path):
    monkeypatch.setenv("FUSIONSCOPE_FLOW", str(tmp_path))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(InputError, match="RAFT needs its weights"):
        planned_seconds(world.clip, "raft")
    with pytest.raises(InputError, match="RAFT needs its weights"):
        dense_flow(world.clip, "raft")
