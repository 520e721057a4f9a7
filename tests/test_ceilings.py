"""Ceilings: recounted, sampled, and tested with rules that a network could learn."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable
from fractions import Fraction
from functools import cache
from itertools import combinations, product

import numpy as np
import pytest

from fusionscope.data.toybox.ceilings import CEILINGS, ceiling, ceilings_of, contents
from fusionscope.data.toybox.world import (
    FRAMES,
    LABELS,
    MIDDLES,
    MOVES,
    SIDE,
    SOLID,
    ToyPlan,
    toy_plan,
)
from fusionscope.video.snippets import chunk_frames

SPATIAL = "spatial stream"
TEMPORAL = "temporal stream, chunks averaged or max-pooled"
TEMPORAL_ORDERED = "temporal stream that knows the order"
FUSED = "fusion of features, chunks averaged or max-pooled"
FUSED_ORDERED = "fusion of features that knows the order"

EXACT = {
    SPATIAL: Fraction(1, 12),
    TEMPORAL: Fraction(1, 4),
    TEMPORAL_ORDERED: Fraction(3, 7),
    FUSED: Fraction(1, 2),
    FUSED_ORDERED: Fraction(1),
}

EVIDENCE: dict[str, Callable[[tuple], Hashable]] = {
    SPATIAL: lambda halves: None,  # noqa: ARG005
    TEMPORAL: lambda halves: tuple(sorted(tuple(sorted(half)) for half in halves)),
    TEMPORAL_ORDERED: lambda halves: tuple(tuple(sorted(half)) for half in halves),
    FUSED: lambda halves: tuple(sorted(halves)),
    FUSED_ORDERED: lambda halves: halves,
}
"""What is known of ((striped, spotted) in the first half, likewise in the second)."""

BLIND = {  # which exchanges leave the evidence alone: the balls of either half, the halves
    SPATIAL: None,  # every content looks alike
    TEMPORAL: (True, True, True),
    TEMPORAL_ORDERED: (True, True, False),
    FUSED: (False, False, True),
    FUSED_ORDERED: (False, False, False),
}


@cache
def plans(first: int, count: int) -> tuple[ToyPlan, ...]:
    return tuple(toy_plan(seed) for seed in range(first, first + count))


def halves_of(plan: ToyPlan) -> tuple[tuple[str, str], tuple[str, str]]:
    (a, b), (c, d) = plan.moves
    return (a, c), (b, d)


def three_sigma(share: float, count: int) -> float:
    return 3 * (share * (1 - share) / count) ** 0.5


def test_the_ceilings_are_these_fractions():
    assert dict(CEILINGS) == EXACT
    assert all(isinstance(share, Fraction) for share in CEILINGS.values())


def test_the_probabilities_of_contents_add_up_to_one():
    assert sum(contents().values()) == 1
    assert len(contents()) == 84
    labels: dict[object, Fraction] = defaultdict(Fraction)
    for ((a, _), (b, _)), p in contents().items():
        labels[f"{a}, then {b}"] += p
    assert labels == dict.fromkeys(LABELS, Fraction(1, 12))


def test_contents_are_those_that_plans_have():
    assert {halves_of(plan) for plan in plans(0, 4000)} == set(contents())


@pytest.mark.parametrize("known", EXACT)
def test_counting_once_more_by_exchanges_gives_the_same(known: str):
    """Labels of one orbit cannot be distinguished; all 84 contents have the same weight."""
    valid = {
        ((a, c), (b, d))
        for a, b, c, d in product(range(4), repeat=4)
        if len({a, b}) == 2 == len({c, d})
    }
    valid = {((a, c), (b, d)) for (a, c), (b, d) in valid if a != c and b != d}
    blind = BLIND[known]
    total = Fraction(0)
    for content in valid:
        alike = set()
        for first, second, order in product((False, True), repeat=3):
            if blind and all(
                may or not does for may, does in zip(blind, (first, second, order), strict=True)
            ):
                one, two = (
                    half[::-1] if swap else half
                    for half, swap in zip(content, (first, second), strict=True)
                )
                alike.add((two, one) if order else (one, two))
        alike = valid if blind is None else alike & valid
        labels = Counter((half[0][0], half[1][0]) for half in alike)
        total += Fraction(max(labels.values()), len(alike) * len(valid))
    assert total == EXACT[known] == CEILINGS[known]


@pytest.mark.parametrize("known", EXACT)
def test_who_learns_from_some_plans_reaches_the_ceiling_on_others(known: str):
    seen: dict[Hashable, Counter[str]] = defaultdict(Counter)
    for plan in plans(0, 4000):
        seen[EVIDENCE[known](halves_of(plan))][plan.label] += 1
    said = {evidence: labels.most_common(1)[0][0] for evidence, labels in seen.items()}
    fresh = plans(50_000, 4000)
    share = sum(said[EVIDENCE[known](halves_of(p))] == p.label for p in fresh) / len(fresh)
    exact = float(EXACT[known])
    assert share == pytest.approx(exact, abs=three_sigma(exact, len(fresh)))


def test_more_evidence_never_lowers_a_ceiling():
    assert ceiling(lambda content: content[0][0]) == Fraction(1, 3)  # the striped ball's first move
    assert ceiling(lambda content: content[0]) == Fraction(3, 7)  # both balls' first moves
    order = [SPATIAL, TEMPORAL, TEMPORAL_ORDERED, FUSED, FUSED_ORDERED]
    assert [CEILINGS[known] for known in order] == sorted(CEILINGS.values())


@pytest.mark.parametrize(
    ("fusion", "heads", "expected"),
    [
        (None, ("spatial",), {"spatial": 1 / 12}),
        (None, ("temporal",), {"temporal": 1 / 4}),
        ("conv", ("spatiotemporal",), {"spatiotemporal": 1 / 2}),
        (
            "conv3d",
            ("spatiotemporal", "temporal"),
            {"spatiotemporal": 1.0, "temporal": 1 / 4, "average": 1.0},
        ),
    ],
)
def test_each_head_has_the_ceiling_of_its_evidence(
    fusion: str | None, heads: tuple[str, ...], expected: dict[str, float]
):
    assert dict(ceilings_of(fusion, heads)) == expected


def test_the_average_of_two_heads_may_beat_the_better_of_them():
    """The greater of two heads' ceilings is no ceiling of their average.

    The spatial head knows whether the striped ball lies to the left (1) or the right (0) of the
    other, the temporal one which moves are made to the left and to the right. Their scores only
    add, both look at one chunk at a time, and yet the mean is right in 17 of 56 clips.
    """
    labels = [tuple(label.split(", then ")) for label in LABELS]
    rank = {move: k for k, move in enumerate(MOVES)}

    def appearance(left: int, label: tuple[str, ...]) -> float:
        return 0 if left else sum(rank[move] for move in label)

    def motion(at_left: str, at_right: str, label: tuple[str, ...]) -> float:
        made = sum(move in (at_left, at_right) for move in label)
        lean = sum((move == at_left) - (move == at_right) for move in label)
        return 20 * made + lean * abs(rank[at_left] - rank[at_right]) / 4

    right = Fraction(0)
    for halves, p in contents().items():
        for sides in product((0, 1), repeat=2):
            ways = [half if left else half[::-1] for half, left in zip(halves, sides, strict=True)]
            scores = [
                sum(appearance(left, label) for left in sides)
                + sum(motion(one, two, label) for one, two in ways)
                for label in labels
            ]
            said = labels[int(np.argmax(scores))]
            right += p / 4 * (said == (halves[0][0], halves[1][0]))
    assert right == Fraction(17, 56)
    assert right > max(CEILINGS[SPATIAL], CEILINGS[TEMPORAL])
    assert "average" not in dict(ceilings_of(None, ("spatial", "temporal")))


def places_of(plan: ToyPlan) -> np.ndarray:
    """Visible position of the striped ball in the frame of each chunk, (T, 2)."""
    found = []
    for frame in chunk_frames(FRAMES, 5, 6):
        scene = next(k for k, (a, b) in enumerate(SOLID) if a <= frame < b)
        leg = plan.scenes[scene][0]
        step = int(frame) - MIDDLES[scene]
        found.append(((leg.x + step * leg.dx) % SIDE, (leg.y + step * leg.dy) % SIDE))
    return np.array(found)


def test_no_rule_on_single_frames_averaged_beats_the_spatial_ceiling():
    """Each frame adds +1 or -1, depending on the ball's position in stripes 51 pixels wide.

    If both chunks of a half were in one scene, with 40 to 80 pixels of the move between them, their
    terms would cancel for a move across the stripes and add up for a move along them. The sum would
    reveal the axes, which a single frame cannot. So every chunk has its own scene.
    """
    places = np.array([places_of(plan) for plan in plans(0, 4000)])
    labels = np.array([plan.label for plan in plans(0, 4000)])
    sides = np.where(places[:, :, 0] % 102.4 < 51.2, 1, -1)
    said = np.where(sides.sum(axis=1) < 3.5, "left, then right", "up, then down")
    limit = float(CEILINGS[SPATIAL])
    assert (said == labels).mean() <= limit + three_sigma(limit, len(labels))


def test_no_rule_on_the_set_of_frames_beats_the_spatial_ceiling():
    """If both chunks of a half were in one scene, the ball would be 40 to 80 pixels further along.

    A network that pools features over chunks, in any order, could find such pairs, and so the axes
    of both moves.
    """
    said = {"hh": "left, then right", "vv": "up, then down", "hv": "left, then up"}
    right = 0
    for plan in plans(0, 1000):
        axes = []
        for one, two in combinations(places_of(plan), 2):
            across, along = np.abs((one - two + SIDE / 2) % SIDE - SIDE / 2)
            axes += ["h"] if along < 0.01 and 39 < across < 81 else []
            axes += ["v"] if across < 0.01 and 39 < along < 81 else []
        right += said.get("".join(sorted(axes))) == plan.label
    limit = float(CEILINGS[SPATIAL])
    assert right / 1000 <= limit + three_sigma(limit, 1000)
