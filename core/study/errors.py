"""Errors: what a trial's answers add up to. Pure functions of sealed records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix

from core.records import seal
from core.study.answers import Answers
from core.study.trial import Trial

DRAWS = 2000  # of the bootstrap
_AT_ONCE = 4_000_000  # numbers drawn


@dataclass(frozen=True)
class Interval:
    """A mean over clips, and where 95 % of the means of redrawn clips lie."""

    mean: float
    low: float
    high: float


def interval(values: np.ndarray, groups: tuple[str, ...] = (), seed: int = 0) -> Interval:
    """(n,) values -> their mean, with the bootstrap's interval over whole groups.

    Clips of one source are alike, so they are drawn together; without groups, each for itself.
    """
    names = np.unique(groups, return_inverse=True)[1] if groups else np.arange(len(values))
    sizes = np.bincount(names)
    sums = np.bincount(names, values)
    random, count = np.random.default_rng(seed), len(sizes)
    means, step = [], max(1, _AT_ONCE // count)
    for start in range(0, DRAWS, step):
        drawn = random.integers(count, size=(min(step, DRAWS - start), count))
        means.append(sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1))
    low, high = np.quantile(np.concatenate(means), (0.025, 0.975))
    return Interval(float(np.mean(values)), float(low), float(high))


def confusion(answers: Answers) -> np.ndarray:
    """(K, K) clips: a row is the truth, a column what is said."""
    return confusion_matrix(answers.labels, answers.said, labels=np.arange(len(answers.classes)))


def per_class(answers: Answers) -> np.ndarray:
    """(K,) share of each class's clips named rightly; nan where it has none."""
    table = confusion(answers)
    counts = table.sum(axis=1)
    return np.where(counts > 0, table.diagonal() / np.maximum(counts, 1), np.nan)


def neighbours(table: np.ndarray) -> np.ndarray:
    """(K, K) confusion -> (K,) an order of the classes in which confused ones are neighbours.

    Average linkage on the share of either class's clips that is taken for the other.
    """
    count = len(table)
    if count < 3:
        return np.arange(count)
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    near = (shares + shares.T) / 2
    far = 1 - near
    np.fill_diagonal(far, 0)
    tree = linkage(squareform(far, checks=False), "average", optimal_ordering=count <= 200)
    return leaves_list(tree)


@dataclass(frozen=True, eq=False)
class Reliability:
    """How often a head is right when it is so sure: bins of equal width from 0 to 1."""

    counts: np.ndarray  # (bins,)
    sure: np.ndarray  # (bins,) mean probability of what is said; nan in an empty bin
    right: np.ndarray  # (bins,) share named rightly; nan in an empty bin
    error: float  # expected calibration error: mean of |right - sure| over clips

    def __post_init__(self) -> None:
        seal(self)


BINS = 10


def bin_of(sure: np.ndarray) -> np.ndarray:
    """(n,) probabilities -> (n,) the bin that each falls into, 0 to ``BINS`` - 1."""
    return np.minimum((sure * BINS).astype(int), BINS - 1)


def reliability(answers: Answers) -> Reliability:
    """Bin a head's answers by how sure it is of them."""
    sure, at = answers.sure, bin_of(answers.sure)
    counts = np.bincount(at, minlength=BINS)
    held = np.where(counts > 0, counts, np.nan)
    mean = np.bincount(at, sure, BINS) / held
    right = np.bincount(at, answers.right, BINS) / held
    error = float(np.nansum(counts * np.abs(right - mean)) / len(sure))
    return Reliability(counts, mean, right, error)


def cells(trial: Trial) -> np.ndarray:
    """(n,) which of eight cells: 4 if appearance is right, 2 if motion is, 1 if fused is."""
    return 4 * trial.spatial.right + 2 * trial.temporal.right + trial.fused.right


def _differ(trial: Trial, other: Answers | None) -> np.ndarray:
    """(n,) 1 where only the fused head is right, -1 where only the other one is."""
    if other is None:
        return np.zeros(len(trial.labels), int)
    return trial.fused.right.astype(int) - other.right


_VERDICTS = ("wrong", "right")


def cell_name(cell: int) -> str:
    """A cell in words."""
    right = (_VERDICTS[cell >> power & 1] for power in (2, 1, 0))
    return ", ".join(map(" ".join, zip(("appearance", "motion", "fused"), right, strict=True)))


PARTS: Mapping[str, Callable[[Trial], np.ndarray]] = MappingProxyType(
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
"""Name -> (n,) the clips of a part. Rescued: both streams miss it, and fusion does not. Hurt: a
stream has it, and fusion does not."""


@dataclass(frozen=True)
class Duel:
    """The fused head against another on the same clips."""

    gained: int  # clips that only the fused head names rightly
    lost: int  # clips that only the other does
    chance: float  # exact McNemar test, two-sided: clips taken as independent


def duel(fused: Answers, other: Answers) -> Duel:
    """Count where two heads differ, and how likely that is if neither is better."""
    gained, lost = int((fused.right & ~other.right).sum()), int((other.right & ~fused.right).sum())
    chance = binomtest(gained, gained + lost).pvalue if gained + lost else 1.0
    return Duel(gained, lost, float(chance))


def gain_by_class(trial: Trial) -> np.ndarray:
    """(K,) accuracy of fusion less that of the stream that is better in the class; nan as above."""
    alone = np.maximum(per_class(trial.spatial), per_class(trial.temporal))
    return per_class(trial.fused) - alone


def synergy_by_class(answers: Answers) -> np.ndarray | None:
    """(K,) mean synergy in the score of the true class; None where the ledger is not known."""
    if answers.terms is None:
        return None
    counts = np.bincount(answers.labels, minlength=len(answers.classes))
    sums = np.bincount(answers.labels, answers.terms[:, 3], len(answers.classes))
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def motion_shares(answers: Answers) -> np.ndarray | None:
    """(n,) |motion| / (|appearance| + |motion|) of each clip's score; None as above."""
    if answers.terms is None:
        return None
    sizes = np.abs(answers.terms[:, 1:3])
    return sizes[:, 1] / np.maximum(sizes.sum(axis=1), 1e-12)
