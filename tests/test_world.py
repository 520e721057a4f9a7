"""Toybox: same bytes for a seed, correct ground truth, and no leak of the label."""

from __future__ import annotations

import dataclasses
import hashlib
from collections import Counter
from functools import cache

import cv2
import numpy as np
import pytest

from fusionscope.card import Card
from fusionscope.data.toybox.world import (
    FRAMES,
    HALVES,
    LABELS,
    MIDDLES,
    MOVES,
    SIDE,
    SOLID,
    SPOTTED,
    STRIPED,
    Leg,
    ToyPlan,
    ToyWorld,
    render,
    toy_plan,
    toy_world,
)
from fusionscope.video.flow.methods import flow_fields
from fusionscope.video.snippets import Snippets, chunk_frames, sample_snippets

FED = Card(name="toy", title="Toy", labels=LABELS, chunks=5, stack=6, size=112)

PINNED = {
    0: "396c42b035b3365c2dc075f6a226c0bbfc5ef453e5e9dd31b6682934e2b80f28",
    1: "38d8b3edfcdac555269f4cab4bb295d8631a0f6c30e8c624f9f41340599b5348",
    2: "895c234dc12902e1d85cad8d21a9daf5fafaf4c171eeabea2a74ea005211eb46",
}
"""Seed -> sha256 of frames, flow and masks. If this changes, all networks must be retrained."""

world = cache(toy_world)
BALLS = (STRIPED, SPOTTED)


@cache
def plans() -> tuple[ToyPlan, ...]:
    return tuple(toy_plan(seed) for seed in range(2000))


def sha(made: ToyWorld) -> str:
    content = made.clip.frames.tobytes() + made.flow.tobytes() + np.packbits(made.masks).tobytes()
    return hashlib.sha256(content).hexdigest()


def move_of(dx: float, dy: float) -> str:
    """The name of a displacement, x to the right and y down."""
    if abs(dx) > abs(dy):
        return "right" if dx > 0 else "left"
    return "down" if dy > 0 else "up"


def chi_square(counts: np.ndarray) -> float:
    expected = counts.sum() / counts.size
    return float(((counts - expected) ** 2).sum() / expected)


@pytest.mark.parametrize("seed", PINNED)
def test_a_seed_gives_these_very_bytes(seed: int):
    assert sha(world(seed)) == PINNED[seed]


def test_two_runs_give_the_same_and_two_seeds_do_not():
    assert sha(toy_world(0)) == sha(world(0))
    assert toy_plan(7) == toy_plan(7) != toy_plan(8)
    assert world(0).clip.digest != world(1).clip.digest


def test_a_world_matches_its_plan_and_is_read_only():
    made = world(0)
    assert made.clip.frames.shape == (FRAMES, SIDE, SIDE, 3)
    assert made.clip.fps == 12.5
    assert made.flow.shape == (FRAMES - 1, 2, SIDE, SIDE)
    assert made.flow.dtype == np.float16
    assert made.masks.shape == (2, FRAMES, SIDE, SIDE)
    assert made.masks.dtype == bool
    assert not any(a.flags.writeable for a in (made.clip.frames, made.flow, made.masks))
    assert made.clip.name == "Toybox 0"


def test_labels_are_the_twelve_ordered_pairs_of_moves():
    assert len(LABELS) == len(set(LABELS)) == 12
    assert LABELS[0] == "left, then right"
    assert LABELS[-1] == "down, then up"
    assert all(toy_plan(seed).label in LABELS for seed in range(50))


def test_moves_differ_as_documented_over_300_seeds():
    for plan in plans()[:300]:
        (a, b), (c, d) = plan.moves
        assert {a, b, c, d} <= set(MOVES)
        assert a != b  # each ball's two moves
        assert c != d
        assert a != c  # both balls' moves in each half
        assert b != d
        assert plan.label == f"{a}, then {b}"


def test_velocities_are_the_moves_and_the_rest_is_at_rest_over_300_seeds():
    for plan in plans()[:300]:
        for ball in BALLS:
            for half, scene in zip(HALVES, plan.scenes, strict=True):
                leg = scene[ball]
                if half is None:
                    assert (leg.dx, leg.dy) == (0, 0)
                    continue
                assert move_of(leg.dx, leg.dy) == plan.moves[ball][half]
                assert min(abs(leg.dx), abs(leg.dy)) == 0
                assert 4 <= abs(leg.dx) + abs(leg.dy) <= 8


@pytest.mark.parametrize("seed", range(3))
def test_true_flow_inside_the_masks_is_the_plans_and_elsewhere_nothing_moves(seed: int):
    made = world(seed)
    scene_of = {n: k for k, (a, b) in enumerate(SOLID) for n in range(a, b)}
    for n in (0, 7, 11, 17, 22, 27, 31, 37, 41, 48):
        assert not made.flow[n][:, ~made.masks[:, n].any(axis=0)].any()
        for ball in BALLS:
            leg = made.plan.scenes[scene_of[n]][ball]
            inside = made.flow[n][:, made.masks[ball, n]]
            assert inside.size
            np.testing.assert_allclose(inside[0], leg.dx, rtol=1e-3)
            np.testing.assert_allclose(inside[1], leg.dy, rtol=1e-3)
    for half, n in ((0, 5), (0, 15), (1, 35), (1, 45)):
        u, v = made.flow[n][:, made.masks[STRIPED, n]].mean(axis=1)
        assert made.plan.label.split(", then ")[half] == move_of(u, v)


def test_no_flow_leads_from_one_scene_into_the_next():
    flow = world(0).flow
    still = [n for n in range(FRAMES - 1) if not flow[n].any()]
    assert still == [9, 19, *range(20, 30), 39]  # the rest, and the middles of the blinks


@pytest.mark.parametrize("seed", range(3))
def test_frames_move_by_the_true_flow(seed: int):
    made = world(seed)
    y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32)

    def seen(n: int, sign: int) -> np.ndarray:
        u, v = sign * made.flow[n].astype(np.float32)
        there = made.clip.frames[n + 1].astype(np.float32)
        return cv2.remap(there, x + u, y + v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)

    def inner(n: int, ball: int) -> np.ndarray:
        """Pixels of a ball with none but its own within 4 pixels."""
        mask = np.pad(made.masks[ball, n].astype(np.uint8), 8, mode="wrap")
        return cv2.erode(mask, np.ones((9, 9), np.uint8))[8:-8, 8:-8].astype(bool)

    for n in (2, 6, 15, 33, 37, 46):
        for ball in BALLS:
            here = inner(n, ball)
            u, v = made.flow[n][:, here].mean(axis=1) if here.any() else (0, 0)
            arrives = np.roll(inner(n + 1, ball), (-round(float(v)), -round(float(u))), (0, 1))
            here &= arrives
            if here.sum() < 200:
                continue
            right, wrong = (
                np.abs(seen(n, sign) - made.clip.frames[n])[here].mean() for sign in (1, -1)
            )
            assert right < 6
            assert wrong > 5 * right


@pytest.mark.parametrize("seed", range(3))
def test_masks_are_whole_discs_in_front_and_the_visible_part_behind(seed: int):
    made = world(seed)
    plan = made.plan
    y, x = np.mgrid[:SIDE, :SIDE]
    for k, n in enumerate((7, 14, 25, 36, 42)):
        front = plan.front[k]
        discs = []
        for ball in BALLS:
            leg, step = plan.scenes[k][ball], n - MIDDLES[k]
            a = (x - leg.x - step * leg.dx + SIDE / 2) % SIDE - SIDE / 2
            b = (y - leg.y - step * leg.dy + SIDE / 2) % SIDE - SIDE / 2
            discs.append(a * a + b * b < plan.radius**2)
        assert not made.masks[:, n].all(axis=0).any()
        np.testing.assert_array_equal(made.masks[front, n], discs[front])
        np.testing.assert_array_equal(made.masks[1 - front, n], discs[1 - front] & ~discs[front])


def test_the_ball_in_front_hides_the_other():
    plan = toy_plan(0)
    one = plan.scenes[0][0]
    near = Leg(one.x + 20, one.y, 0, 0)
    plan = dataclasses.replace(plan, scenes=((one, near), *plan.scenes[1:]), turns=(0.0, 0.0))
    alone = {
        ball: dataclasses.replace(
            plan,
            scenes=((one, one) if ball == STRIPED else (near, near), *plan.scenes[1:]),
            front=(ball, 0, 0, 0, 0),
        )
        for ball in BALLS
    }
    for ball in BALLS:
        both = render(dataclasses.replace(plan, front=(ball, 0, 0, 0, 0)))
        lone = render(alone[ball])
        seen = both.masks[ball, 5]
        agree = (both.clip.frames[5] == lone.clip.frames[5])[seen].mean()
        assert agree > 0.95  # all but the soft edge


@pytest.mark.parametrize("scene", range(5))
def test_a_solid_scene_shows_nothing_of_the_others(scene: int):
    plan = toy_plan(1)
    moved = tuple(
        pair if k == scene else tuple(Leg(leg.x + 90, leg.y + 50, 5, 5) for leg in pair)
        for k, pair in enumerate(plan.scenes)
    )
    other = render(dataclasses.replace(plan, scenes=moved)).clip.frames
    same = [n for n in range(FRAMES) if np.array_equal(other[n], world(1).clip.frames[n])]
    assert same == [*range(*SOLID[scene])]


def test_the_ground_wraps_round_and_does_not_move():
    made = world(2)
    bare = np.logical_not(made.masks.any(axis=0))
    edge = cv2.dilate(made.masks.any(axis=0).astype(np.uint8).max(axis=0), np.ones((5, 5)))
    ground = made.clip.frames[0].astype(int)
    assert bare.any()
    for n in (5, 15, 45):
        free = (edge == 0) & bare[n]
        np.testing.assert_array_equal(made.clip.frames[n][free], ground[free])
    free = (edge[:, 0] == 0) & (edge[:, -1] == 0)
    seam = np.abs(ground[:, 0] - ground[:, -1])[free].mean()
    inside = np.abs(np.diff(ground, axis=1))[edge[:, 1:] == 0].mean()
    assert seam < 2 * inside


def test_the_light_is_low_in_the_rest_and_nowhere_else():
    frames = world(2).clip.frames[:, ::8, ::8].astype(float).mean(axis=(1, 2, 3))
    bright = frames[[5, 15, 35, 45]].mean()
    rest = SOLID[HALVES.index(None)]
    for n, value in enumerate(frames / bright):
        if rest[0] <= n < rest[1]:
            assert value == pytest.approx(0.5, abs=0.03)
        elif n < rest[0] - 2 or n >= rest[1] + 2:
            assert value == pytest.approx(1, abs=0.03)
        else:
            assert 0.6 < value < 0.9  # the two frames that lead into it, and out of it


def test_labels_are_about_uniform_over_2000_plans():
    counts = Counter(plan.label for plan in plans())
    assert set(counts) == set(LABELS)
    assert chi_square(np.array([*counts.values()])) < 31.3  # 0.1 % point of 11 degrees of freedom


def test_the_spotted_balls_moves_are_about_uniform_among_those_allowed():
    for striped in {plan.moves[STRIPED] for plan in plans()}:
        counts = Counter(p.moves[SPOTTED] for p in plans() if p.moves[STRIPED] == striped)
        assert len(counts) == 7
        assert chi_square(np.array([*counts.values()])) < 22.5  # 0.1 % point of 6


@pytest.mark.parametrize("scene", range(5))
@pytest.mark.parametrize("ball", BALLS)
def test_positions_say_nothing_of_the_moves(scene: int, ball: int):
    places = np.array([(p.scenes[scene][ball].x, p.scenes[scene][ball].y) for p in plans()]) / SIDE
    moves = np.array([MOVES.index(p.moves[ball][HALVES[scene] or 0]) for p in plans()])
    assert places.min() >= 0
    assert places.max() < 1
    for chosen in (moves >= 0, *(moves == k for k in range(4))):
        here = places[chosen]
        counts, *_ = np.histogram2d(*here.T, bins=4, range=((0, 1), (0, 1)))
        assert chi_square(counts) < 37.7  # 0.1 % point of 15 degrees of freedom
        error = np.sqrt(1 / 12 / len(here))
        np.testing.assert_allclose(here.mean(axis=0), 0.5, atol=3.5 * error)
        np.testing.assert_allclose(here.var(axis=0), 1 / 12, atol=0.012)


def test_scenes_and_balls_are_placed_independently():
    places = np.array([[(leg.x, leg.y) for pair in p.scenes for leg in pair] for p in plans()])
    together = np.corrcoef(places.reshape(len(plans()), 20).T)
    assert np.abs(together[~np.eye(20, dtype=bool)]).max() < 3.9 / np.sqrt(len(plans()))


def test_looks_and_speed_say_nothing_of_the_label():
    first = np.array([MOVES.index(p.moves[STRIPED][0]) for p in plans()])
    features = {
        "radius": [p.radius for p in plans()],
        "speed": [sum(abs(v) for v in (p.scenes[0][0].dx, p.scenes[0][0].dy)) for p in plans()],
        "front": [p.front[0] for p in plans()],
        "turn": [p.turns[0] for p in plans()],
        "ground": [p.colours[2][0] for p in plans()],
        "striped": [p.colours[0][0] for p in plans()],
    }
    for values in map(np.array, features.values()):
        for move in range(4):
            own = values[first == move]
            assert abs(own.mean() - values.mean()) < 3.5 * values.std() / np.sqrt(len(own))
    assert all(p.colours[0] != p.colours[1] for p in plans())


def exchanged(plan: ToyPlan) -> ToyPlan:
    """The twin: the halves' scenes change places, and with them the moves."""
    one, two, rest, three, four = plan.scenes
    (a, b), (c, d) = plan.moves
    front = tuple(plan.front[k] for k in (3, 4, 2, 0, 1))
    return dataclasses.replace(
        plan, scenes=(three, four, rest, one, two), moves=((b, a), (d, c)), front=front
    )


def chunks(made: ToyWorld) -> Snippets:
    return sample_snippets(made.clip, made.flow, FED)


@pytest.mark.parametrize("seed", [0, 2, 11])
def test_exchanging_the_moves_exchanges_the_chunks_to_the_bit(seed: int):
    plan = toy_plan(seed)
    twin = render(exchanged(plan))
    assert twin.plan.label == "{1}, then {0}".format(*plan.label.split(", then "))
    ours, theirs = chunks(world(seed)), chunks(twin)
    order = [3, 4, 2, 0, 1]
    np.testing.assert_array_equal(theirs.rgb, ours.rgb[order])
    np.testing.assert_array_equal(theirs.flow, ours.flow[order])
    assert not np.array_equal(theirs.rgb, ours.rgb)
    assert not np.array_equal(theirs.flow, ours.flow)


def test_exchanging_the_moves_exchanges_the_measured_flow_too():
    twin, numbers = render(exchanged(toy_plan(0))), (2, 5, 17)
    later = [n + MIDDLES[3] - MIDDLES[0] for n in numbers]
    for ours, theirs in ((numbers, later), (later, numbers)):
        np.testing.assert_array_equal(
            flow_fields(world(0).clip, ours), flow_fields(twin.clip, theirs)
        )


@pytest.mark.parametrize("scene", range(5))
def test_exchanging_the_balls_of_any_one_scene_leaves_the_true_flow_as_it_is(scene: int):
    plan = toy_plan(2)
    scenes, front = [*plan.scenes], [*plan.front]
    (striped, spotted), front[scene] = scenes[scene], 1 - front[scene]
    scenes[scene] = (spotted, striped)
    other = render(dataclasses.replace(plan, scenes=tuple(scenes), front=tuple(front)))
    np.testing.assert_array_equal(other.flow, world(2).flow)
    at = MIDDLES[scene]
    np.testing.assert_array_equal(other.masks[::-1, at], world(2).masks[:, at])
    assert not np.array_equal(other.clip.frames[at], world(2).clip.frames[at])


def test_no_chunks_stack_touches_a_blink_and_the_halves_are_alike():
    frames = chunk_frames(FRAMES, FED.chunks, FED.stack)
    scenes = []
    for c in frames:
        first, last = c - FED.stack // 2, c - FED.stack // 2 + FED.stack
        scenes.append([k for k, (a, b) in enumerate(SOLID) if a <= first and last < b])
    assert scenes == [[0], [1], [2], [3], [4]]
    assert frames.tolist() == [*MIDDLES]
    assert HALVES[2] is None
    assert HALVES[:2] == (0, 0)
    assert HALVES[3:] == (1, 1)
