"""Statistics: eight clips, one in each cell, with every value by hand."""

import numpy as np
import pytest

from fusionscope.base.records import InputError
from fusionscope.evaluation.answers import Answers
from fusionscope.evaluation.clip_map import clip_map, similar_mistakes
from fusionscope.evaluation.head_trial import HeadTrial, align_heads, heads_by_role
from fusionscope.evaluation.predictions_file import gathered
from fusionscope.evaluation.sentences import gain_words, verdict
from fusionscope.evaluation.statistics import (
    PARTS,
    cells,
    compare_pairs,
    confusion,
    gain_by_class,
    interval,
    intervals,
    motion_shares,
    per_class,
    reliability,
    synergy_by_class,
    truth_probability,
)
from tests.seeded_predictions import made_up

LABELS = np.array([0, 0, 0, 0, 1, 1, 1, 1])
CLIPS = tuple("abcdefgh")


def head(said: list[int], name: str = "average", model: str = "m", **known) -> Answers:
    """Answers to two classes; the class that is said has the score 1, the other 0."""
    scores = np.eye(2)[said]
    return Answers(model, name, ("cat", "dog"), CLIPS, LABELS, scores, **known)


@pytest.fixture
def trial() -> HeadTrial:
    """Clip n is in cell n: appearance is correct from e on, motion in c, d, g, h."""
    right = np.arange(8)[:, None] >> np.array([2, 1, 0]) & 1
    said = np.where(right.T == 1, LABELS, 1 - LABELS)
    streams = (head(list(one), model=f"m{at}") for at, one in enumerate(said))
    return align_heads(*streams, late=head([0, 0, 0, 0, 1, 1, 1, 0]))


def part(trial: HeadTrial, name: str) -> str:
    return "".join(np.array(CLIPS)[PARTS[name](trial)])


def test_each_clip_lies_in_its_cell(trial):
    np.testing.assert_array_equal(cells(trial), np.arange(8))


def test_what_fusion_rescues_and_hurts(trial):
    assert part(trial, "fused right") == "bdfh"
    assert part(trial, "fused wrong") == "aceg"
    assert part(trial, "rescued") == "b"
    assert part(trial, "hurt") == "ceg"
    assert trial.better == "spatial"  # equally often right: the first
    assert part(trial, "gained on the better stream") == "bd"
    assert part(trial, "lost to the better stream") == "eg"
    assert part(trial, "gained on late fusion") == "h"
    assert part(trial, "lost to late fusion") == "aceg"


def test_without_late_fusion_nothing_is_gained_on_it(trial):
    alone = HeadTrial(trial.spatial, trial.temporal, trial.fused)
    assert part(alone, "gained on late fusion") == part(alone, "lost to late fusion") == ""


def test_a_duel_is_the_exact_test_of_mcnemar(trial):
    level = compare_pairs(trial.fused, trial.spatial)
    assert (level.gained, level.lost, level.chance) == (2, 2, 1.0)
    late = trial.late
    assert late is not None
    five = compare_pairs(late, head([1, 1, 1, 1, 0, 1, 1, 1]))  # five gained, one lost
    assert (five.gained, five.lost) == (5, 1)
    assert five.chance == pytest.approx(2 * (1 + 6) / 2**6)
    assert compare_pairs(late, late).chance == 1


def test_a_confusion_counts_truth_by_row():
    one = head([0, 0, 0, 1, 1, 1, 0, 0])
    np.testing.assert_array_equal(confusion(one), [[3, 1], [2, 2]])
    np.testing.assert_allclose(per_class(one), [0.75, 0.5])


def test_a_class_without_clips_has_no_accuracy():
    labels, scores = np.array([0, 2]), np.eye(3)
    one = Answers("m", "h", ("a", "b", "c"), ("x", "y"), labels, scores[[0, 1]])
    np.testing.assert_array_equal(per_class(one), [1, np.nan, 0])


def test_gain_is_over_the_stream_that_is_better_in_the_class(trial):
    # cat (a to d): appearance 0, motion 2 of 4, fused 2; dog: appearance 4, motion 2, fused 2
    np.testing.assert_allclose(gain_by_class(trial), [0, -0.5])


def test_reliability_by_hand():
    # P of the first class: 0.95, 0.95 (right, wrong); 0.62 (right); one that is quite sure (right)
    p = np.array([0.95, 0.95, 0.62, 1.0])
    scores = np.log(np.column_stack((p, 1 - p + 1e-30)))
    labels = np.array([0, 1, 0, 0])
    found = reliability(Answers("m", "h", ("a", "b"), tuple("wxyz"), labels, scores))
    np.testing.assert_array_equal(found.counts, [0, 0, 0, 0, 0, 0, 1, 0, 0, 3])
    assert found.right[6] == 1
    assert found.right[9] == pytest.approx(2 / 3)
    assert found.sure[9] == pytest.approx(2.9 / 3)
    assert np.isnan(found.right[0])
    assert found.error == pytest.approx((0.38 + 3 * (2.9 - 2) / 3) / 4)


def test_an_interval_of_many_groups_is_as_wide_as_theory_says():
    """40,000 clips in 10,000 groups of four equal ones: half as precise as single clips."""
    values = np.repeat(np.arange(10_000) % 5 < 2, 4).astype(float)
    groups = tuple(f"g{at // 4}" for at in range(40_000))
    wide = 1.96 * (0.4 * 0.6 / 10_000) ** 0.5
    for found, width in ((interval(values, groups), wide), (interval(values), wide / 2)):
        assert found.mean == pytest.approx(0.4)
        assert found.high - 0.4 == pytest.approx(width, rel=0.08)
        assert 0.4 - found.low == pytest.approx(width, rel=0.08)


def test_an_interval_draws_whole_groups():
    values = np.array([1.0] * 10 + [0.0] * 10)
    two = interval(values, ("g",) * 10 + ("h",) * 10)  # both, or one of the two twice
    assert (two.mean, two.low, two.high) == (0.5, 0, 1)
    alone = interval(values)
    assert 0.25 <= alone.low <= 0.35
    assert 0.65 <= alone.high <= 0.75
    assert interval(values) == alone
    many = interval(np.tile([0.0, 1.0], 200))  # normal: 0.5 +- 1.96 x 0.5 / 20
    assert many.low == pytest.approx(0.451, abs=0.006)
    assert many.high == pytest.approx(0.549, abs=0.006)


def test_unequal_groups_weigh_by_their_clips():
    small, large = [1.0] * 40, [0.0] * 360  # 40 groups of one clip, 40 of nine
    names = [f"s{n}" for n in range(40)] + [f"l{n // 9}" for n in range(360)]
    found = interval(np.array(small + large), tuple(names))
    assert found.mean == 0.1
    assert 0.05 < found.low < found.mean < found.high < 0.2


def test_a_ledger_by_class_and_by_clip():
    terms = np.zeros((8, 4))
    terms[:, 1], terms[:, 2] = -1, 3
    terms[:, 3] = [0, 2, 3, 6, 0, 0, 0, 4]
    terms[0] = 0
    one = head([0] * 8, terms=terms)
    synergy, shares = synergy_by_class(one), motion_shares(one)
    assert synergy is not None
    assert shares is not None
    np.testing.assert_allclose(synergy, [11 / 4, 1])
    np.testing.assert_allclose(shares, [0] + [0.75] * 7)
    assert synergy_by_class(head([0] * 8)) is None
    assert motion_shares(head([0] * 8)) is None


def test_heads_meet_on_the_clips_that_all_answered():
    some = np.array([7, 2, 0])
    fused, late = head([0] * 8, groups=tuple("ssttuuvv")), head([1] * 8).of(some)
    met = align_heads(head([0] * 8), head([0] * 8).of(np.array([2, 1, 0, 7])), fused, late)
    assert met.fused.clips == met.spatial.clips == met.temporal.clips == ("a", "c", "h")
    np.testing.assert_array_equal(met.labels, [0, 0, 1])
    assert met.groups == ("s", "t", "v")
    assert met.left_out == 5
    with pytest.raises(InputError, match="no clip in common"):
        align_heads(head([0] * 8).of(np.array([1])), head([0] * 8), head([0] * 8).of(np.array([2])))
    other = Answers("o", "x", ("cat", "dog"), CLIPS, 1 - LABELS, np.zeros((8, 2)))
    with pytest.raises(InputError, match="label of a is dog for o x and cat for m average"):
        align_heads(other, head([0] * 8), head([0] * 8))


def test_roles_are_cast_by_name():
    assert heads_by_role(made_up()) == {
        "spatial": ("jhmdb-spatial", "spatial"),
        "temporal": ("jhmdb-temporal", "temporal"),
        "fused": ("jhmdb-conv3d", "average"),
        "late": ("jhmdb-late", "average"),
    }
    good, bad = head([*LABELS], "spatiotemporal", "good"), head([0] * 8, "spatiotemporal", "bad")
    late = head([0] * 8, "average", "late"), head([0] * 8, "spatial", "late")
    found = heads_by_role(gathered((bad, good, *late)))
    assert found["fused"] == ("good", "spatiotemporal")
    assert found["late"] == ("late", "average")
    assert found["spatial"] == ("late", "spatial")
    assert found["temporal"] == ("bad", "spatiotemporal")  # nobody can play it: the first
    assert heads_by_role(gathered(late))["fused"] == ("late", "average")
    assert heads_by_role(gathered(late))["late"] is None


def test_places_are_the_same_for_the_same_features():
    random = np.random.default_rng(1)
    features = np.concatenate((random.normal(0, 1, (20, 30)), random.normal(9, 1, (20, 30))))
    found = clip_map(features)
    assert found.shape == (40, 2)
    np.testing.assert_array_equal(found, clip_map(features))
    middles = found[:20].mean(axis=0), found[20:].mean(axis=0)
    spread = max(found[:20].std(), found[20:].std())
    assert np.linalg.norm(middles[0] - middles[1]) > 2 * spread


@pytest.mark.parametrize("shape", [(0, 4), (1, 4), (2, 4), (3, 4), (7, 1), (9, 1), (9, 2)])
def test_places_of_little_are_finite(shape):
    found = clip_map(np.random.default_rng(2).normal(size=shape))
    assert found.shape == (shape[0], 2)
    assert np.isfinite(found).all()
    np.testing.assert_array_equal(clip_map(np.ones(shape)), np.zeros((shape[0], 2)))


def test_similar_mistakes_are_the_nearest_on_the_map_or_in_probability():
    wrong = [0, 1, 0, 1, 0, 1, 0, 1]  # b, d, e, g are incorrect
    places = np.column_stack((np.arange(8.0), np.zeros(8)))
    assert similar_mistakes(head(wrong, places=places), 0, 3) == [0, 1, 3, 4]
    assert similar_mistakes(head(wrong, places=places), 6, 2) == [6, 4, 3]
    assert similar_mistakes(head(wrong), 4, 2) == [4, 6, 1]


def test_the_probability_of_the_truth_by_hand():
    odds = np.e / (1 + np.e)
    found = truth_probability(head([0, 1, 0, 1, 0, 1, 0, 1]))
    np.testing.assert_allclose(
        found, [odds, 1 - odds, odds, 1 - odds, 1 - odds, odds, 1 - odds, odds]
    )


def test_the_finding_is_said_in_numbers(trial):
    said = verdict(trial)
    assert said.startswith("Fusion is correct on 50 % of 8 clips (")
    assert "the appearance head on 50 % (" in said
    assert said.endswith(
        "It is correct on 1 clip that both streams get wrong, and wrong on 3 that a stream gets "
        "right."
    )
    assert "late fusion" in gain_words(trial, "late")
    assert "2 clips gained, 2 lost" in gain_words(trial, "spatial")


def test_intervals_of_several_means_are_those_of_each():
    random = np.random.default_rng(4)
    values = random.random((3, 90)) < [[0.2], [0.5], [0.9]]
    for groups in ((), tuple(f"g{at // 4}" for at in range(90))):
        for one, found in zip(values, intervals(values, groups), strict=True):
            alone = interval(one.astype(float), groups)
            assert (found.mean, found.low, found.high) == pytest.approx(
                (alone.mean, alone.low, alone.high), abs=0.02
            )
