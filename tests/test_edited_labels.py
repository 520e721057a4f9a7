"""Edited labels: the rules, and that the 3D network's predictions follow them."""

from __future__ import annotations

import numpy as np
import pytest

from fusionscope.data.toybox.edited_labels import edited_label
from fusionscope.data.toybox.world import LABELS, ToyWorld, render, toy_plan, toy_world, with_moves
from fusionscope.explain.edits.edit_list import (
    AGAIN,
    ALONG,
    KEEP,
    edited_clip,
    edited_flow,
    read_edits,
)
from fusionscope.nets.store.catalogue import card_named
from fusionscope.nets.store.loading import load_network
from fusionscope.trace import run
from fusionscope.video.clip import Clip
from fusionscope.video.flow.methods import flow_fields
from fusionscope.video.snippets import chunk_frames

SEEDS = range(700, 712)  # of the clips that the networks were measured on, not trained on


@pytest.mark.parametrize(
    ("label", "edits", "way", "made"),
    [
        ("left, then up", "mirror", AGAIN, "right, then up"),
        ("left, then up", "reverse", AGAIN, "down, then right"),
        ("left, then up", "reverse", ALONG, "down, then right"),
        ("left, then up", "mirror~reverse", AGAIN, "down, then left"),
        ("left, then right", "reverse", AGAIN, "left, then right"),
        ("left, then up", "scale_-1", AGAIN, "right, then down"),
        ("left, then up", "scale_-1", KEEP, "right, then down"),
        ("left, then up", "scale_3~grey~blur_2~speed_0.5", AGAIN, "left, then up"),
        ("left, then up", "grey~method_tvl1", KEEP, "left, then up"),
        ("left, then up", "", AGAIN, "left, then up"),
        ("left, then up", "mirror", KEEP, ""),
        ("left, then up", "scale_0", AGAIN, ""),
        ("left, then up", "scale_0~mirror", AGAIN, ""),
        ("left, then up", "zero", AGAIN, ""),
        ("left, then up", "freeze_0_whole", AGAIN, ""),
        ("left, then up", "shuffle_1_10", AGAIN, ""),
        ("left, then up", "erase_0_0_0.5_0.5_0_599~mirror", AGAIN, ""),
        ("walk", "mirror", AGAIN, ""),
    ],
)
def test_the_worlds_rules(label: str, edits: str, way: str, made: str):
    assert edited_label(label, read_edits(edits), way) == made


@pytest.mark.parametrize("text", ["mirror", "reverse", "scale_-1", "mirror~reverse"])
def test_a_rule_applied_twice_is_none(text: str):
    for label in LABELS:
        edits = read_edits(f"{text}~{text}")
        assert edited_label(label, edits, AGAIN) == label
        assert edited_label(label, read_edits(text), AGAIN) in LABELS


def test_with_other_moves_the_positions_of_the_balls_are_unchanged():
    plan, moves = toy_plan(700), toy_plan(703).moves
    other = with_moves(plan, moves)
    assert other.label == toy_plan(703).label != plan.label
    for ours, theirs in zip(plan.scenes, other.scenes, strict=True):
        for one, two in zip(ours, theirs, strict=True):
            assert (one.x, one.y) == (two.x, two.y)
            assert abs(one.dx) + abs(one.dy) == abs(two.dx) + abs(two.dy)
    assert with_moves(other, plan.moves) == plan
    assert (other.colours, other.front, other.turns) == (plan.colours, plan.front, plan.turns)


CARD = card_named("toybox-conv3d")
NETWORK = load_network(CARD)


def needed_only(clip: Clip, method: str) -> np.ndarray:
    """Flow where the network looks, and nothing elsewhere: this test waits for no other."""
    frames = chunk_frames(len(clip.frames), CARD.chunks, CARD.stack)
    numbers = sorted({n for c in frames for n in range(c - 3, c + 3)})
    flow = np.zeros((len(clip.frames) - 1, 2, *clip.frames.shape[1:3]), np.float16)
    flow[numbers] = flow_fields(clip, numbers, method)
    return flow


def says(clip: Clip, flow: np.ndarray) -> str:
    """The network's answer."""
    return CARD.labels[int(run(NETWORK, clip, flow).final.argmax())]


@pytest.fixture(scope="module")
def worlds() -> list[ToyWorld]:
    return [toy_world(seed) for seed in SEEDS]


@pytest.mark.slow
@pytest.mark.parametrize(("text", "least"), [("mirror", 11), ("reverse", 10)])
def test_the_network_answers_an_edited_clip_as_the_rules_say(
    worlds: list[ToyWorld], text: str, least: int
):
    """Of twelve clips, flow measured again: mirrored 12, reversed 10 right; unedited 11."""
    edits, right, unmoved = read_edits(text), 0, 0
    for world in worlds:
        clip = edited_clip(world.clip, edits, CARD.rgb_mean)
        flow = edited_flow(world.clip, clip, edits, AGAIN, measure=needed_only)
        answer = says(clip, flow)
        right += answer == edited_label(world.plan.label, edits, AGAIN)
        unmoved += answer == world.plan.label
    assert right >= least
    assert unmoved < 6  # some labels are their own opposite


@pytest.mark.slow
def test_a_chimera_is_said_to_make_the_moves_of_the_clip_that_lends_them(worlds: list[ToyWorld]):
    """The twin's balls lie at the same places and move otherwise: of twelve, 10 right."""
    right = unmoved = 0
    for world in worlds:
        twin = render(with_moves(world.plan, toy_plan(world.plan.seed + 1000).moves))
        flow = edited_flow(world.clip, world.clip, (), KEEP, motion=twin.clip, measure=needed_only)
        answer = says(world.clip, flow)
        right += answer == twin.plan.label
        unmoved += answer == world.plan.label
    assert right >= 9
    assert unmoved <= 3
