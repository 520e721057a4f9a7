"""Late fusion: rules by hand, weights fitted on other groups, and published scores."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fusionscope.base.records import InputError
from fusionscope.evaluation.answers import Answers
from fusionscope.evaluation.late.late_fusion import (
    RULES,
    accuracy_by_scale,
    accuracy_by_weight,
    are_probabilities,
    fit_fusion,
    fuse,
)
from fusionscope.evaluation.late.weight_ranges import right_by_weight
from fusionscope.explain.measures import probabilities
from tests.seeded_predictions import made_up

LABELS = np.array([0, 1, 1])
ONE = np.log([[0.6, 0.4], [0.5, 0.5], [0.9, 0.1]])
OTHER = np.log([[0.2, 0.8], [0.3, 0.7], [0.4, 0.6]])


def head(scores: np.ndarray, name: str = "spatial", groups: tuple[str, ...] = ()) -> Answers:
    clips = tuple(f"c{k}" for k in range(len(scores)))
    classes = tuple(f"k{k}" for k in range(scores.shape[1]))
    return Answers("m", name, classes, clips, LABELS[: len(scores)], scores, groups)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("sum", 3 * ONE + OTHER),
        ("mean", np.log((3 * np.exp(ONE) + np.exp(OTHER)) / 4)),
        ("product", np.log(probabilities(3 * ONE + OTHER))),
    ],
)
def test_each_rule_is_its_formula(rule: str, expected: np.ndarray):
    fused = fuse([head(ONE), head(OTHER, "temporal")], rule, (3, 1), (1, 1))
    np.testing.assert_allclose(fused.scores, expected, atol=1e-12)


def test_a_temperature_divides_a_heads_scores():
    fused = fuse([head(ONE), head(OTHER)], "sum", (1, 1), (2, 1))
    np.testing.assert_allclose(fused.scores, ONE / 2 + OTHER)


@pytest.mark.parametrize("rule", RULES)
def test_one_head_with_all_the_weight_predicts_as_it_does_alone(rule: str):
    fused = fuse([head(ONE), head(OTHER)], rule, (0, 2), (1, 1))
    np.testing.assert_array_equal(fused.said, head(OTHER).said)


def test_a_product_of_probabilities_predicts_as_the_sum_of_scores_does():
    random = np.random.default_rng(0)
    heads = [head(random.normal(size=(3, 5))), head(random.normal(size=(3, 5)))]
    added, multiplied = (fuse(heads, rule, (0.3, 0.7), (1.2, 0.8)) for rule in ("sum", "product"))
    np.testing.assert_array_equal(added.said, multiplied.said)


def test_probabilities_given_as_scores_are_noticed_and_their_logarithm_is_used():
    assert are_probabilities(np.exp(ONE))
    assert not are_probabilities(ONE)
    assert not are_probabilities(np.array([[0.6, 0.6]]))
    np.testing.assert_allclose(
        fuse([head(np.exp(ONE)), head(OTHER)], "sum", (1, 1), (1, 1)).scores, ONE + OTHER
    )


@pytest.mark.parametrize(
    ("rule", "weights", "temperatures", "problem"),
    [
        ("max", (1, 1), (1, 1), "unknown rule 'max'"),
        ("sum", (1,), (1, 1), "1 weights for 2 heads"),
        ("sum", (0, 0), (1, 1), "not all 0"),
        ("sum", (-1, 2), (1, 1), "numbers of 0 or more"),
        ("sum", (float("nan"), 2), (1, 1), "numbers of 0 or more"),
        ("sum", (1, 1), (0, 1), "numbers above 0"),
    ],
)
def test_a_wrong_value_is_refused(rule, weights, temperatures, problem):
    with pytest.raises(InputError, match=problem):
        fuse([head(ONE), head(OTHER)], rule, weights, temperatures)


def clips(seed: int, groups: int, each: int = 4, classes: int = 3) -> list[Answers]:
    """A good and a useless head; the clips of a group share their class and their noise."""
    random = np.random.default_rng(seed)
    labels = np.repeat(random.integers(classes, size=groups), each)
    names = tuple(f"g{k}" for k in np.repeat(np.arange(groups), each))
    n = len(labels)

    def answers(name: str, signal: float) -> Answers:
        scores = signal * np.eye(classes)[labels]
        scores = scores + np.repeat(random.normal(size=(groups, classes)), each, axis=0)
        ids = tuple(f"c{k}" for k in range(n))
        return Answers("m", name, tuple("abc"), ids, labels, scores, names)

    return [answers("spatial", 2.0), answers("temporal", 0.0)]


def test_the_weight_goes_to_the_head_that_predicts():
    found = fit_fusion(clips(0, 100), "sum")
    assert found.weights[0] > 0.7
    assert found.weights.sum() == pytest.approx(1)
    assert (found.by_fold[:, 0] > 0.6).all()


def test_no_clip_is_fused_with_weights_fitted_on_its_own_group():
    heads = clips(1, 4, each=50)
    found = fit_fusion(heads, "sum", folds=4)
    own = np.array([group == "g2" for group in heads[0].groups])
    # In this group alone the second head is now always correct, and the first never is.
    scores = [h.scores.copy() for h in heads]
    truth = np.eye(3)[heads[0].labels[own]]
    scores[0][own], scores[1][own] = -9 * truth, 9 * truth
    changed = [replace(h, scores=s) for h, s in zip(heads, scores, strict=True)]
    after = fit_fusion(changed, "sum", folds=4)
    weight = next(w for w in found.by_fold if _gives(w, heads, found.fused, own))
    assert _gives(weight, changed, after.fused, own)


def _gives(weights: np.ndarray, heads: list[Answers], fused: Answers, rows: np.ndarray) -> bool:
    """Whether these weights gave the fused scores of some clips."""
    expected = fuse(heads, "sum", weights, (1, 1)).scores[rows]
    return bool(np.allclose(expected, fused.scores[rows]))


def test_useless_heads_look_better_in_sample_than_on_other_groups():
    gaps = []
    for seed in range(12):
        heads = [replace(h, scores=h.scores - 2 * np.eye(3)[h.labels]) if h.head == "spatial" else h
                 for h in clips(seed, 24)]  # fmt: skip
        found = fit_fusion(heads, "sum", folds=4)
        gaps.append(found.in_sample - found.fused.right.mean())
    assert np.mean(gaps) > 0.02


def test_calibrated_heads_get_their_temperature():
    heads = clips(2, 200)
    hot = [replace(heads[0], scores=5 * heads[0].scores), heads[1]]
    found = fit_fusion(hot, "mean", calibrated=True)
    plain = fit_fusion(heads, "mean", calibrated=True)
    assert found.temperatures[0] == pytest.approx(5 * plain.temperatures[0], rel=1e-2)


def test_three_heads_are_fitted_too():
    named = made_up()
    models = ("jhmdb-spatial", "jhmdb-temporal", "jhmdb-conv3d")
    roles = ("spatial", "temporal", "spatiotemporal")
    heads = [named.heads[pair] for pair in zip(models, roles, strict=True)]
    found = fit_fusion(heads, "product", folds=3)
    assert found.by_fold.shape == (3, 3)
    assert found.fused.right.mean() > max(h.right.mean() for h in heads) - 0.05


def test_too_few_groups_are_refused():
    with pytest.raises(InputError, match="5 folds of 3 groups"):
        fit_fusion(clips(0, 3), "sum")


def test_the_curve_ends_in_the_two_heads():
    one, other = clips(3, 50)
    weights, spans = accuracy_by_weight((one, other), "mean")
    assert (weights[0], weights[-1]) == (0, 1)
    assert (np.diff(weights) > 0).all()
    assert spans[0].mean == one.right.mean()
    assert spans[-1].mean == other.right.mean()


@pytest.mark.parametrize("rule", RULES)
def test_the_curve_is_what_each_weight_gives(rule):
    heads = clips(3, 60)
    weights, found = accuracy_by_weight((heads[0], heads[1]), rule, (0.5, 2))
    assert (weights[0], weights[-1], len(weights)) == (0, 1, 41)
    for at in (0, 13, 40):
        one = fuse(heads, rule, (1 - weights[at], weights[at]), (0.5, 2))
        assert found[at].mean == pytest.approx(one.right.mean())
        assert found[at].low <= found[at].mean <= found[at].high


def test_the_scale_of_scores_changes_the_mean_of_probabilities_alone():
    found = accuracy_by_scale(clips(4, 60), (1 / 19, 1, 19))
    assert len(set(found["sum"])) == 1
    assert len(set(found["mean"])) > 1


@pytest.mark.parametrize("digits", [1, 3])
def test_ranges_of_weights_agree_with_the_scores_ties_included(digits):
    random = np.random.default_rng(2)
    scores = np.round(random.normal(0, 1, (2, 700, 6)), digits)  # one digit: many ties
    scores[:, :50] = scores[:1, :50]  # both heads agree
    labels = random.integers(0, 6, 700)
    weights = np.linspace(0, 1, 41)
    found = right_by_weight(scores, labels, weights)
    for at, w in enumerate(weights):
        fused = (1 - w) * scores[0] + w * scores[1]
        np.testing.assert_array_equal(found[at], fused.argmax(axis=1) == labels)
