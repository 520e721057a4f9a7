"""Toybox training set: shards that an interruption cannot corrupt, and eight orientations."""

from __future__ import annotations

import dataclasses
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from fusionscope.card import Card
from fusionscope.data.toybox.world import FRAMES, LABELS, MOVES, ToyWorld, toy_world
from fusionscope.training.toybox import training_set
from fusionscope.training.toybox.training_set import (
    ToySet,
    halves,
    label_of,
    movers,
    toy_set,
    turned,
    turned_flow,
    turned_moves,
)
from fusionscope.video.clip import Clip
from fusionscope.video.flow.methods import flow_fields
from fusionscope.video.snippets import chunk_frames, sample_snippets
from tests.slow import all_slow

FED = Card(name="toy", title="Toy", labels=LABELS, chunks=5, stack=6, size=112)

LEFT, RIGHT, UP, DOWN = range(4)

world_of = cache(toy_world)

TURNS = {  # turn -> the new names of left, right, up, down, by hand
    0: (LEFT, RIGHT, UP, DOWN),
    1: (UP, DOWN, LEFT, RIGHT),
    2: (RIGHT, LEFT, UP, DOWN),
    3: (UP, DOWN, RIGHT, LEFT),
    4: (LEFT, RIGHT, DOWN, UP),
    5: (DOWN, UP, LEFT, RIGHT),
    6: (RIGHT, LEFT, DOWN, UP),
    7: (DOWN, UP, RIGHT, LEFT),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("toys")


@pytest.fixture(scope="module")
def made(folder: Path) -> ToySet:
    """Three clips in shards of two."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training_set, "_SHARD", 2)
        return toy_set(range(3), FED, folder)


def fields_of(part: ToySet) -> tuple[np.ndarray, ...]:
    return part.rgb, part.flow, part.cells, part.moves


def test_a_set_contains_the_input_and_the_ground_truth(made: ToySet):
    assert len(made) == 3
    assert made.rgb.shape == (3, 5, 3, 112, 112)
    assert made.flow.shape == (3, 5, 12, 112, 112)
    assert made.cells.shape == (3, 5, 2, 6, 6)
    assert made.moves.shape == (3, 2, 2)
    for seed in range(3):
        plan = world_of(seed).plan
        assert [[MOVES[k] for k in ball] for ball in made.moves[seed]] == [[*b] for b in plan.moves]


def test_chunks_are_those_of_the_clip_with_its_measured_flow(made: ToySet):
    world = world_of(1)
    numbers = [n for c in chunk_frames(FRAMES, 5, 6) for n in range(c - 3, c + 3)]
    flow = np.full_like(world.flow, np.nan)  # nothing else may be looked at
    flow[numbers] = flow_fields(world.clip, numbers, "dis")
    snippets = sample_snippets(world.clip, flow, FED)
    np.testing.assert_array_equal(made.rgb[1], snippets.rgb)
    np.testing.assert_array_equal(made.flow[1], snippets.flow)


def test_an_interrupted_run_is_resumed(made: ToySet, folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(training_set, "_SHARD", 2)
    shards = sorted(folder.glob("*.npz"))
    assert len(shards) == 2
    kept, lost = sorted(shards, key=lambda path: path.stat().st_size, reverse=True)
    before, stamp = lost.read_bytes(), kept.stat().st_mtime_ns
    lost.unlink()
    cut = folder / f"{lost.name}.1.partial"
    cut.write_bytes(b"cut short")
    again = toy_set(range(3), FED, folder)
    assert kept.stat().st_mtime_ns == stamp
    assert lost.read_bytes() == before
    assert [*folder.glob("*.partial")] == [cut]
    cut.unlink()
    for one, two in zip(fields_of(again), fields_of(made), strict=True):
        np.testing.assert_array_equal(one, two)


def test_seeds_that_are_not_in_a_row_are_refused(folder: Path):
    with pytest.raises(ValueError, match="consecutive seeds"):
        toy_set(range(0, 4, 2), FED, folder)


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize(
    ("fields", "chunks", "channels", "size"),
    [
        ({"size": 64}, 5, 12, 64),
        *all_slow(
            ({"chunks": 2}, 2, 12, 112),
            ({"stack": 2}, 5, 4, 112),
            ({"flow": "farneback"}, 5, 12, 112),
        ),
    ],
)
def test_other_cards_have_other_shards(
    fields: dict[str, object], chunks: int, channels: int, size: int, folder: Path
):
    card = dataclasses.replace(FED, **fields)  # pyright: ignore[reportArgumentType]
    shards = len([*folder.glob("*.npz")])
    found = toy_set(range(2, 3), card, folder)
    assert found.flow.shape == (1, chunks, channels, size, size)
    assert len([*folder.glob("*.npz")]) == shards + 1


def test_some_of_a_set_can_be_taken(made: ToySet):
    part = made.take(np.array([2, 0]))
    for ours, whole in zip(fields_of(part), fields_of(made), strict=True):
        np.testing.assert_array_equal(ours, whole[[2, 0]])
    assert len(made.take(slice(1, 3))) == 2


def test_cells_say_where_each_ball_is(made: ToySet):
    for seed in range(3):
        masks = world_of(seed).masks[:, chunk_frames(FRAMES, 5, 6)]
        for ball in (0, 1):
            for chunk, mask in enumerate(masks[ball]):
                # the centre pixel of each cell of relu5, 17 + 16 i of 112
                at = ((17 + 16 * np.arange(6)) * 256 / 112).astype(int)
                cells, centre = made.cells[seed, chunk, ball], mask[np.ix_(at, at)]
                assert (cells != centre).mean() < 0.25
                assert (cells & centre).sum() >= 0.9 * centre.sum()


def test_a_cell_counts_where_more_than_three_tenths_are_covered():
    mask = np.zeros((112, 112), bool)
    mask[25:41, 41:46] = True  # 5 of the 16 columns of cell (1, 2)
    mask[57:73, 57:61] = True  # 4 of the 16 columns of cell (3, 3)
    expected = np.zeros((6, 6), bool)
    expected[1, 2] = True
    np.testing.assert_array_equal(training_set._in_cells(mask), expected)


def test_the_halves_of_the_chunks():
    assert halves(FED) == [0, 0, None, 1, 1]
    assert halves(dataclasses.replace(FED, chunks=3, stack=2)) == [0, None, 1]


def test_who_makes_which_move_where_and_when_by_hand():
    cells = np.zeros((2, 3, 2, 6, 6), bool)
    cells[0, :, 0, 0, 1] = cells[0, :, 1, 4, 5] = cells[1, :, 1, 2, 2] = True
    moves = np.array([[[LEFT, UP], [DOWN, LEFT]], [[UP, DOWN], [RIGHT, UP]]])
    found = movers(cells, moves, dataclasses.replace(FED, chunks=3, stack=2))
    assert found.shape == (2, 3, 16, 6, 6)
    first, second, striped, spotted = 0, 8, 0, 4
    where = {tuple(int(v) for v in place) for place in np.argwhere(found)}
    assert where == {
        (0, 0, first + striped + LEFT, 0, 1),
        (0, 0, first + spotted + DOWN, 4, 5),
        (0, 2, second + striped + UP, 0, 1),
        (0, 2, second + spotted + LEFT, 4, 5),
        (1, 0, first + spotted + RIGHT, 2, 2),
        (1, 2, second + spotted + UP, 2, 2),
    }


def test_class_numbers_are_in_the_order_of_the_labels():
    pairs = [tuple(MOVES.index(m) for m in label.split(", then ")) for label in LABELS]
    moves = np.array([[pair, (LEFT, DOWN)] for pair in pairs])  # the spotted ball's do not matter
    assert label_of(moves).tolist() == [*range(12)]


@pytest.mark.parametrize("turn", TURNS)
def test_moves_get_their_new_names(turn: int):
    moves = np.array([[[LEFT, RIGHT], [UP, DOWN]]])
    (a, b), (c, d) = turned_moves(moves, turn)[0]
    assert (a, b, c, d) == TURNS[turn]


def turned_world(world: ToyWorld, turn: int) -> ToyWorld:
    """A world turned as a whole: pixels change places, and displacements with them."""
    frames, flow, masks = world.clip.frames, world.flow, world.masks
    if turn & 1:
        frames, flow, masks = frames.swapaxes(1, 2), flow.swapaxes(2, 3), masks.swapaxes(2, 3)
        flow = flow[:, ::-1]
    if turn & 2:
        frames, masks = frames[:, :, ::-1], masks[..., ::-1]
        flow = flow[..., ::-1] * np.array([-1, 1], np.float16)[:, None, None]
    if turn & 4:
        frames, masks = frames[:, ::-1], masks[:, :, ::-1]
        flow = flow[:, :, ::-1] * np.array([1, -1], np.float16)[:, None, None]
    return ToyWorld(world.plan, Clip(np.ascontiguousarray(frames), 25.0), flow, masks)


def set_of(world: ToyWorld, moves: np.ndarray) -> ToySet:
    """What is fed of a world with its true flow, and its cells."""
    snippets = sample_snippets(world.clip, world.flow, FED)
    cells = [[training_set._in_cells(ball[c]) for ball in world.masks] for c in snippets.frames]
    return ToySet(snippets.rgb[None], snippets.flow[None], np.array(cells)[None], moves)


@pytest.mark.parametrize("turn", TURNS)
def test_turned_chunks_are_the_chunks_of_the_turned_world(turn: int, made: ToySet):
    world = world_of(1)
    found = turned(set_of(world, made.moves[1:2]), turn)
    other = turned_world(world, turn)
    right = set_of(other, turned_moves(made.moves[1:2], turn))
    assert found.rgb.shape == right.rgb.shape
    # a mirrored picture is resized within rounding; 255 - value is within a step of -v's view
    assert np.abs(found.rgb.astype(int) - right.rgb).max() <= 1
    assert np.abs(found.flow.astype(int) - right.flow).max() <= 1
    # the grid of relu5 lies 9.5 pixels from the left and 6.5 from the right: not quite mirrored
    assert (found.cells != right.cells).mean() < (0.05 if turn & 6 else 1e-9)
    # the true flow of the turned world goes where the new names say
    for half, chunk in ((0, 0), (1, 4)):
        frame = chunk_frames(FRAMES, 5, 6)[chunk]
        for ball in (0, 1):
            mask = other.masks[ball, frame]
            u, v = other.flow[frame][:, mask].mean(axis=1)
            move = (RIGHT if u > 0 else LEFT) if abs(u) > abs(v) else (DOWN if v > 0 else UP)
            assert found.moves[0, ball, half] == move


def test_turns_on_flow_by_hand():
    flow = np.zeros((1, 1, 4, 1, 2), np.uint8)
    flow[0, 0, :, 0] = [(10, 20), (30, 40), (50, 60), (70, 80)]  # u1, v1, u2, v2
    mirrored = turned_flow(flow, 2)[0, 0, :, 0].tolist()
    assert mirrored == [[235, 245], [40, 30], [195, 205], [80, 70]]
    upside = turned_flow(flow, 4)[0, 0, :, 0].tolist()
    assert upside == [[10, 20], [225, 215], [50, 60], [185, 175]]
    crossed = turned_flow(flow, 1)
    assert crossed.shape == (1, 1, 4, 2, 1)
    assert crossed[0, 0, :, :, 0].tolist() == [[30, 40], [10, 20], [70, 80], [50, 60]]


def test_mirrors_undo_themselves_and_leave_the_set_as_it_was(made: ToySet):
    before = [values.copy() for values in fields_of(made)]
    for turn in (0, 1, 2, 4, 6):
        for ours, whole in zip(fields_of(turned(turned(made, turn), turn)), before, strict=True):
            np.testing.assert_array_equal(ours, whole)
    for ours, whole in zip(fields_of(made), before, strict=True):
        np.testing.assert_array_equal(ours, whole)
