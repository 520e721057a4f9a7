"""Late fusion: combine the predictions of several heads by a rule with a weight for each.

Scores are (n, K) before the softmax, or log-probabilities. A head that gives probabilities instead
is noticed, and their logarithm is used: added up as scores they would hardly differ, and a second
softmax would flatten them. A weighted product of probabilities is the softmax of the weighted sum
of scores, because each softmax divides by one number for a clip: the two rules predict the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from types import MappingProxyType

import numpy as np
from scipy.special import log_softmax
from sklearn.model_selection import GroupKFold

from fusionscope.base.records import InputError, seal
from fusionscope.evaluation.answers import Answers
from fusionscope.evaluation.late.weight_ranges import right_by_weight
from fusionscope.evaluation.statistics import Interval, fitted_temperature, intervals

Numbers = Sequence[float] | np.ndarray

_SMALLEST = 1e-12  # a probability; keeps its logarithm finite
_STEPS: Mapping[int, int] = MappingProxyType({1: 1, 2: 40, 3: 20, 4: 10})  # heads -> steps, 0 to 1


def _mean(scores: np.ndarray, weights: np.ndarray) -> np.ndarray:
    p = np.einsum("h,hnk->nk", weights, np.exp(log_softmax(scores, axis=-1))) / weights.sum()
    return np.log(np.maximum(p, _SMALLEST))


def _sum(scores: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return np.einsum("h,hnk->nk", weights, scores)


RULES: Mapping[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = MappingProxyType(
    {
        "sum": _sum,
        "mean": _mean,
        "product": lambda scores, weights: log_softmax(_sum(scores, weights), axis=-1),
    }
)
"""Name -> scores of H heads (H, n, K), weights (H,) -> fused scores (n, K): the weighted sum of the
scores, the logarithm of the weighted mean of the probabilities, or of their weighted product."""


def are_probabilities(scores: np.ndarray) -> bool:
    """Whether (n, K) scores are probabilities: none negative, and each row adds up to 1."""
    return bool((scores >= 0).all() and np.allclose(scores.sum(axis=1), 1, atol=5e-3))


def with_scores(head: Answers) -> Answers:
    """The head, with the logarithm of its probabilities if it gives these as scores.

    A head with a ledger keeps its scores, whose terms add up to them.
    """
    if head.terms is not None or not are_probabilities(head.scores):
        return head
    return replace(head, scores=_logits(head.scores))


def fuse(heads: Sequence[Answers], rule: str, weights: Numbers, temperatures: Numbers) -> Answers:
    """Fuse H heads on the same n clips, whose scores are first divided by their temperatures.

    Args:
        heads: as ``head_trial.on_shared_clips`` returns them: same clips, same order of classes.
        weights: H numbers of 0 or more, not all 0.

    Raises:
        InputError: the rule, the number of weights or temperatures, or a value is not valid.
    """
    _check(len(heads), rule, weights, temperatures)
    scores = _scores(heads, temperatures)
    first = heads[0]
    groups = next((head.groups for head in heads if head.groups), ())
    paths = next((head.paths for head in heads if head.paths), ())
    name = " + ".join(dict.fromkeys(head.model for head in heads))
    return Answers(
        model=f"{rule} of {name}",
        head="late",
        classes=first.classes,
        clips=first.clips,
        labels=first.labels,
        scores=RULES[rule](scores, np.asarray(weights, float)),
        groups=groups,
        paths=paths,
        columns=next((head.columns for head in heads if head.columns), {}),
    )


def _check(heads: int, rule: str, weights: Numbers, temperatures: Numbers) -> None:
    if rule not in RULES:
        raise InputError(f"unknown rule {rule!r}; needed: {', '.join(RULES)}")
    for name, values in (("weights", weights), ("temperatures", temperatures)):
        if len(values) != heads:
            raise InputError(f"{len(values)} {name} for {heads} heads; needed: one for each head")
    if not (np.isfinite(weights).all() and min(weights) >= 0 and max(weights) > 0):
        raise InputError(
            f"the weights are {', '.join(f'{w:g}' for w in weights)}; needed: numbers of 0 or "
            "more, not all 0"
        )
    if not (np.isfinite(temperatures).all() and min(temperatures) > 0):
        raise InputError(
            f"the temperatures are {', '.join(f'{t:g}' for t in temperatures)}; needed: numbers "
            "above 0"
        )


def _scores(heads: Sequence[Answers], temperatures: Numbers) -> np.ndarray:
    """Scores of all heads, (H, n, K), divided by their temperatures."""
    return np.stack([_logits(h.scores) / t for h, t in zip(heads, temperatures, strict=True)])


def _logits(scores: np.ndarray) -> np.ndarray:
    """Scores before the softmax: the logarithm of probabilities, anything else as it is."""
    if are_probabilities(scores):
        return np.log(np.maximum(scores, _SMALLEST))
    return np.asarray(scores, float)


@dataclass(frozen=True, eq=False)
class FittedFusion:
    """Weights and temperatures fitted on the clips of other groups than those they fuse."""

    fused: Answers  # each clip fused with what was fitted on the other folds
    weights: np.ndarray  # (H,) fitted on all clips, sum 1: for other clips
    temperatures: np.ndarray  # (H,) likewise
    by_fold: np.ndarray  # (folds, H) weights fitted without each fold
    in_sample: float  # accuracy of ``weights`` on the clips that they were fitted on: optimistic

    def __post_init__(self) -> None:
        seal(self)


def fit_fusion(
    heads: Sequence[Answers], rule: str, folds: int = 5, calibrated: bool = False
) -> FittedFusion:
    """Choose the weights of a rule by folds of whole groups, on the other folds each.

    The weights are the most accurate ones of a grid; of equally accurate ones, those with the
    highest likelihood. Without groups, each clip is its own group.

    Args:
        calibrated: fit a temperature to each head first (Guo et al., ICML 2017); otherwise 1.

    Raises:
        InputError: fewer groups than folds, or too many heads for a grid.
    """
    _check(len(heads), rule, [1.0] * len(heads), [1.0] * len(heads))
    if len(heads) not in _STEPS:
        raise InputError(
            f"{len(heads)} heads; needed: {max(_STEPS)} at most to fit weights, or give --weights"
        )
    groups = next((head.groups for head in heads if head.groups), heads[0].clips)
    there = len(set(groups))
    if not 2 <= folds <= there:
        raise InputError(f"{folds} folds of {there} groups; needed: 2 to {there} folds")
    labels = heads[0].labels
    fused = np.zeros_like(heads[0].scores, float)
    by_fold = []
    splits = GroupKFold(folds, shuffle=True, random_state=0).split(labels, groups=groups)
    for learn, test in splits:
        weights, temperatures = _fitted([head.of(learn) for head in heads], rule, calibrated)
        fused[test] = fuse([head.of(test) for head in heads], rule, weights, temperatures).scores
        by_fold.append(weights)
    weights, temperatures = _fitted(heads, rule, calibrated)
    whole = fuse(heads, rule, weights, temperatures)
    answers = replace(whole, scores=fused)
    return FittedFusion(
        answers, weights, temperatures, np.array(by_fold), float(whole.right.mean())
    )


def _fitted(heads: Sequence[Answers], rule: str, calibrated: bool) -> tuple[np.ndarray, np.ndarray]:
    """Weights and temperatures, (H,) each, fitted on these clips."""
    labels, rows = heads[0].labels, np.arange(len(heads[0].labels))
    temperatures = np.array(
        [fitted_temperature(_logits(h.scores), labels) if calibrated else 1.0 for h in heads]
    )
    scores = _scores(heads, temperatures)
    grid = _grid(len(heads))
    right = _right(scores, labels, grid, rule)
    best = [weights for weights, one in zip(grid, right, strict=True) if one == max(right)]

    def likelihood(weights: np.ndarray) -> float:
        fused = RULES[rule](scores, weights)
        return float(log_softmax(fused, axis=1)[rows, labels].mean())

    return (max(best, key=likelihood) if len(best) > 1 else best[0]), temperatures


def _right(
    scores: np.ndarray, labels: np.ndarray, grid: Sequence[np.ndarray], rule: str
) -> list[int]:
    """Correct clips with each of the weights."""
    if rule == "mean":
        scores = np.exp(log_softmax(scores, axis=-1))
    if len(scores) == 2:
        seconds = np.array([weights[1] for weights in grid])
        return right_by_weight(scores, labels, seconds).sum(axis=1).tolist()
    return [int((_sum(scores, w).argmax(axis=1) == labels).sum()) for w in grid]


def _grid(heads: int) -> list[np.ndarray]:
    """Weights of 0 to 1 in equal steps that add up to 1."""
    steps = _STEPS[heads]
    firsts = product(range(steps + 1), repeat=heads - 1)
    return [
        np.array([*first, steps - sum(first)]) / steps for first in firsts if sum(first) <= steps
    ]


def accuracy_by_weight(
    heads: tuple[Answers, Answers], rule: str, temperatures: Numbers = (1.0, 1.0)
) -> tuple[np.ndarray, list[Interval]]:
    """Accuracy against the weight of the second of two heads: (m,) weights of 0 to 1, intervals."""
    _check(2, rule, (1.0, 1.0), temperatures)
    weights = np.sort([w[1] for w in _grid(2)])
    scores, labels = _scores(heads, temperatures), heads[0].labels
    if rule == "mean":  # the largest weighted mean is that of the probabilities
        scores = np.exp(log_softmax(scores, axis=-1))
    right = right_by_weight(scores, labels, weights)
    return weights, intervals(right, heads[0].groups)


def accuracy_by_scale(
    heads: Sequence[Answers], scales: Sequence[float]
) -> Mapping[str, tuple[float, ...]]:
    """Rule -> accuracy with equal weights where all scores are multiplied by each of the scales.

    The sum of 19 frames' scores is 19 times their mean: the sum of scores predicts the same, the
    mean of probabilities does not.
    """
    ones = [1.0] * len(heads)
    return {
        rule: tuple(
            float(fuse(heads, rule, ones, [1 / scale] * len(heads)).right.mean())
            for scale in scales
        )
        for rule in ("sum", "mean")
    }
