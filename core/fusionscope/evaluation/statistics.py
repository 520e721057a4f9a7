"""Statistics: intervals, confusion, calibration and paired comparisons of predictions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix

from fusionscope.base.records import seal
from fusionscope.evaluation.answers import Answers
from fusionscope.evaluation.head_trial import HeadTrial

DRAWS = 2000  # bootstrap samples
_AT_ONCE = 4_000_000  # random numbers per batch
_MANY, _KINDS = 5000, 500  # resampled units, and kinds of them, for which numbers are drawn


@dataclass(frozen=True)
class Interval:
    """A mean over clips with its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float


def interval(values: np.ndarray, groups: tuple[str, ...] = (), seed: int = 0) -> Interval:
    """Mean of (n,) values, with a bootstrap interval that resamples whole groups.

    Clips from one source are similar, so they are resampled together; without groups, each alone.
    """
    names = np.unique(groups, return_inverse=True)[1] if groups else np.arange(len(values))
    sizes = np.bincount(names)
    sums = np.bincount(names, values)
    random, count = np.random.default_rng(seed), len(sizes)
    if count > _MANY:
        kinds, times = np.unique(np.stack((sums, sizes)), axis=1, return_counts=True)
        if len(times) <= _KINDS:  # units of one kind are exchangeable: their number is drawn
            drawn = random.multinomial(count, times / count, size=DRAWS)
            return _spread(values, drawn @ kinds[0] / (drawn @ kinds[1]))
    means, step = [], max(1, _AT_ONCE // count)
    for start in range(0, DRAWS, step):
        drawn = random.integers(count, size=(min(step, DRAWS - start), count))
        means.append(sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1))
    return _spread(values, np.concatenate(means))


def intervals(values: np.ndarray, groups: tuple[str, ...] = ()) -> list[Interval]:
    """Means of (m, n) values over n clips, as ``interval`` gives them, from the same samples."""
    names = np.unique(groups, return_inverse=True)[1] if groups else np.arange(values.shape[1])
    sizes = np.bincount(names)
    if len(sizes) > _MANY:
        return [interval(one, groups) for one in values]
    sums = np.stack([sizes, *(np.bincount(names, one) for one in values)], axis=1)
    drawn = totals_of_draws(sums)
    return [_spread(one, drawn[:, 1 + at] / drawn[:, 0]) for at, one in enumerate(values)]


def totals_of_draws(sums: np.ndarray) -> np.ndarray:
    """Sums by group (g, c) -> their totals in each bootstrap sample of groups, (DRAWS, c)."""
    random, count = np.random.default_rng(0), len(sums)
    times = np.empty((DRAWS, count), np.float32)
    for row in times:
        row[:] = np.bincount(random.integers(count, size=count), minlength=count)
    return (times @ sums.astype(np.float32)).astype(float)


def _spread(values: np.ndarray, means: np.ndarray) -> Interval:
    low, high = np.quantile(means, (0.025, 0.975))
    return Interval(float(np.mean(values)), float(low), float(high))


def confusion(answers: Answers) -> np.ndarray:
    """Confusion matrix, (K, K) numbers of clips: rows are true classes, columns predictions."""
    return confusion_matrix(answers.labels, answers.said, labels=np.arange(len(answers.classes)))


def per_class(answers: Answers) -> np.ndarray:
    """Accuracy of each class, (K,); nan for classes without clips."""
    table = confusion(answers)
    counts = table.sum(axis=1)
    return np.where(counts > 0, table.diagonal() / np.maximum(counts, 1), np.nan)


@dataclass(frozen=True, eq=False)
class Reliability:
    """Accuracy by confidence, in bins of equal width from 0 to 1."""

    counts: np.ndarray  # (bins,)
    sure: np.ndarray  # (bins,) mean confidence; nan in an empty bin
    right: np.ndarray  # (bins,) accuracy; nan in an empty bin
    error: float  # expected calibration error: mean of |accuracy - confidence| over clips

    def __post_init__(self) -> None:
        seal(self)


BINS = 10


def bin_of(sure: np.ndarray) -> np.ndarray:
    """Bin of each probability, (n,), from 0 to ``BINS`` - 1."""
    return np.minimum((sure * BINS).astype(int), BINS - 1)


def reliability(answers: Answers) -> Reliability:
    """Group a head's predictions by confidence."""
    sure, at = answers.sure, bin_of(answers.sure)
    counts = np.bincount(at, minlength=BINS)
    held = np.where(counts > 0, counts, np.nan)
    mean = np.bincount(at, sure, BINS) / held
    right = np.bincount(at, answers.right, BINS) / held
    error = float(np.nansum(counts * np.abs(right - mean)) / len(sure))
    return Reliability(counts, mean, right, error)


_FARTHEST = 4.0  # limit of the logarithm: temperatures from 1/55 to 55


def fitted_temperature(scores: np.ndarray, labels: np.ndarray) -> float:
    """Fit the temperature that maximises the likelihood of (n,) true classes for (n, K) scores."""

    def mean_loss(cold: float) -> float:
        cooled = scores * np.exp(cold)
        return float(np.mean(logsumexp(cooled, axis=1) - cooled[np.arange(len(labels)), labels]))

    found = minimize_scalar(mean_loss, bounds=(-_FARTHEST, _FARTHEST), method="bounded")
    return float(np.exp(-found.x))


def cells(trial: HeadTrial) -> np.ndarray:
    """Cell of each clip, (n,): the sum of 4, 2, 1 if appearance, motion, fused are correct."""
    return 4 * trial.spatial.right + 2 * trial.temporal.right + trial.fused.right


def _differ(trial: HeadTrial, other: Answers | None) -> np.ndarray:
    """Compare two heads, (n,): 1 if only the fused head is correct, -1 if only the other is."""
    if other is None:
        return np.zeros(len(trial.labels), int)
    return trial.fused.right.astype(int) - other.right


_VERDICTS = ("wrong", "right")


def cell_name(cell: int) -> str:
    """Describe a cell in words."""
    right = (_VERDICTS[cell >> power & 1] for power in (2, 1, 0))
    return ", ".join(map(" ".join, zip(("appearance", "motion", "fused"), right, strict=True)))


PARTS: Mapping[str, Callable[[HeadTrial], np.ndarray]] = MappingProxyType(
    {
        "fused right": lambda trial: trial.fused.right,
        "fused wrong": lambda trial: ~trial.fused.right,
        "rescued": lambda trial: cells(trial) == 0b001,
        "hurt": lambda trial: np.isin(cells(trial), (0b010, 0b100, 0b110)),
        "gained on the better stream": lambda trial: _differ(trial, trial.roles[trial.better]) > 0,
        "lost to the better stream": lambda trial: _differ(trial, trial.roles[trial.better]) < 0,
        "gained on late fusion": lambda trial: _differ(trial, trial.late) > 0,
        "lost to late fusion": lambda trial: _differ(trial, trial.late) < 0,
    }
)
"""Name -> which clips belong to a part, (n,). Rescued: only fusion is correct. Hurt: a stream is
correct, and fusion is not."""


@dataclass(frozen=True)
class PairedComparison:
    """The fused head against another on the same clips."""

    gained: int  # clips on which only the fused head is correct
    lost: int  # clips on which only the other head is correct
    chance: float  # p-value of the two-sided exact McNemar test, for independent clips


def compare_pairs(fused: Answers, other: Answers) -> PairedComparison:
    """Count the clips on which one of two heads is correct, and test whether they differ."""
    gained, lost = int((fused.right & ~other.right).sum()), int((other.right & ~fused.right).sum())
    chance = binomtest(gained, gained + lost).pvalue if gained + lost else 1.0
    return PairedComparison(gained, lost, float(chance))


def gain_by_class(trial: HeadTrial) -> np.ndarray:
    """Accuracy of fusion minus that of the better stream, by class (K,); nan without clips."""
    alone = np.maximum(per_class(trial.spatial), per_class(trial.temporal))
    return per_class(trial.fused) - alone


def synergy_by_class(answers: Answers) -> np.ndarray | None:
    """Mean synergy in the score of the true class, by class (K,); None without a ledger."""
    if answers.terms is None:
        return None
    counts = np.bincount(answers.labels, minlength=len(answers.classes))
    sums = np.bincount(answers.labels, answers.terms[:, 3], len(answers.classes))
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def motion_shares(answers: Answers) -> np.ndarray | None:
    """Share |motion| / (|appearance| + |motion|) of each clip, (n,); None without a ledger."""
    if answers.terms is None:
        return None
    sizes = np.abs(answers.terms[:, 1:3])
    return sizes[:, 1] / np.maximum(sizes.sum(axis=1), 1e-12)


def truth_probability(answers: Answers) -> np.ndarray:
    """Probability that a head gives to each clip's true class, (n,)."""
    true = answers.scores[np.arange(len(answers.labels)), answers.labels]
    return np.exp(true - logsumexp(answers.scores, axis=1))
