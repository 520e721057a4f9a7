"""Compare slices: accuracy, gain and interaction in the parts of every column of a trial.

Each slice is compared with all other clips. Clips from one source are resampled together, as in
``statistics.interval``: intervals come from bootstrap samples of whole groups, one for all slices;
if there are more than 2,000 groups, from standard errors by linearisation. The p-values come from
such errors under the hypothesis that all slices have the same mean, and Student's t with one degree
of freedom less than the slice, or the rest, has groups.

Who looks at many slices finds some that differ by chance. The p-values of all slices of all columns
are therefore corrected together by the procedure of Benjamini and Yekutieli (Annals of Statistics
29, 2001), which holds for tests that depend on each other in any way: of the slices with a
corrected p below 0.05, at most 5 % are expected to differ by chance alone.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.stats import false_discovery_control
from scipy.stats import t as student

from fusionscope.base.records import seal
from fusionscope.evaluation.head_trial import HeadTrial
from fusionscope.evaluation.slices.column_parts import columns_of, parts
from fusionscope.evaluation.statistics import Interval, totals_of_draws

LEAST = 5  # groups of a slice (clips, without groups) from which an interval is given
_DRAWN = 2000  # groups, at most, of which bootstrap samples are drawn
_NORMAL = 1.96  # standard errors to either side of a 95 % interval


@dataclass(frozen=True)
class Comparison:
    """A mean in a slice, and how far it is from that of all other clips."""

    inside: Interval  # nan limits: fewer than ``LEAST`` groups
    difference: Interval  # slice minus other clips, likewise
    p: float  # two-sided, of the difference, not corrected; nan: not tested
    corrected: float  # for the number of slices; nan: not tested


@dataclass(frozen=True, eq=False)
class Slice:
    """The clips with one value of a column."""

    column: str
    value: str
    rows: np.ndarray  # (m,) of the trial
    groups: int  # groups of clips from one source; clips, without groups
    measures: Mapping[str, Comparison]  # accuracy, gain, and synergy if there is a ledger

    def __post_init__(self) -> None:
        seal(self)

    @property
    def name(self) -> str:
        """Column and value."""
        return f"{self.column}: {self.value}"


def compare_slices(trial: HeadTrial) -> list[Slice]:
    """Compare every slice of every column with the other clips, column by column."""
    cut = [
        (column, value, rows)
        for column, values in columns_of(trial).items()
        for value, rows in parts(values).items()
    ]
    if not cut:
        return []
    better = trial.roles[trial.better]
    values = {
        "accuracy": trial.fused.right.astype(float),
        "gain": trial.fused.right.astype(float) - better.right,
    }
    if trial.fused.terms is not None:
        values["synergy"] = trial.fused.terms[:, 3]
    member = np.zeros((len(trial.labels), len(cut)))
    for at, (_, _, rows) in enumerate(cut):
        member[rows, at] = 1
    unit = _units(trial)
    found = dict(zip(values, _compared(list(values.values()), member, unit), strict=True))
    sizes = [len(np.unique(unit[rows])) for _, _, rows in cut]
    return [
        Slice(column, value, rows, size, {name: each[at] for name, each in found.items()})
        for at, ((column, value, rows), size) in enumerate(zip(cut, sizes, strict=True))
    ]


def _units(trial: HeadTrial) -> np.ndarray:
    """(n,) number of the group that a clip is resampled with."""
    count = len(trial.labels)
    return np.unique(trial.groups, return_inverse=True)[1] if trial.groups else np.arange(count)


def _compared(
    measures: list[np.ndarray], member: np.ndarray, unit: np.ndarray
) -> list[list[Comparison]]:
    """(n,) values of each measure, (n, s) 1 where a clip is in a slice, (n,) groups
    -> s comparisons for each measure.
    """
    all_of = np.column_stack((member, np.ones(len(member))))  # the last: all clips
    clips, *sums = (
        np.stack([np.bincount(unit, one) for one in (all_of * values[:, None]).T], axis=1)
        for values in (np.ones(len(member)), *measures)
    )  # (g, s + 1) by group
    there = np.stack(((clips[:, :-1] > 0).sum(axis=0), (clips[:, -1:] > clips[:, :-1]).sum(axis=0)))
    small = len(clips) <= _DRAWN
    drawn = totals_of_draws(np.hstack((clips, *sums))) if small else np.empty((0, 0))
    of_draw = np.split(drawn, 1 + len(sums), axis=1) if small else []
    found = []
    for at, one in enumerate(sums):
        mean, gap = _means(one.sum(axis=0), clips.sum(axis=0))
        errors = _errors(one, clips)
        spans = _means(of_draw[1 + at], of_draw[0]) if small else (None, None)
        known = _spans(mean, errors[0], spans[0]), _spans(gap, errors[1], spans[1])
        error = _null_errors(one, clips, float(measures[at].var()))
        ratio = np.divide(np.abs(gap), error, out=np.full_like(gap, np.nan), where=error > 0)
        found.append(_comparisons(known, ratio, there))
    return found


def _comparisons(
    known: tuple[list[Interval], list[Interval]], ratio: np.ndarray, there: np.ndarray
) -> list[Comparison]:
    """Intervals, differences in standard errors (s,), groups in and out of each slice (2, s)."""
    least = there.min(axis=0)
    tested = (least >= LEAST) & np.isfinite(ratio)
    p, corrected = np.full((2, len(ratio)), np.nan)
    if tested.any():
        p[tested] = 2 * student.sf(ratio[tested], least[tested] - 1)
        corrected[tested] = false_discovery_control(p[tested], method="by")
    return [
        Comparison(
            inside if there[0, k] >= LEAST else Interval(inside.mean, np.nan, np.nan),
            gap if least[k] >= LEAST else Interval(gap.mean, np.nan, np.nan),
            float(p[k]),
            float(corrected[k]),
        )
        for k, (inside, gap) in enumerate(zip(*known, strict=True))
    ]


def _means(sums: np.ndarray, clips: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sums and clips of s slices and, last, of all clips -> means, and their difference to the
    means of all other clips, (..., s) both; nan without clips.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = sums[..., :-1] / clips[..., :-1]
        return mean, mean - (sums[..., -1:] - sums[..., :-1]) / (clips[..., -1:] - clips[..., :-1])


def _errors(sums: np.ndarray, clips: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Standard errors of both, (s,), by linearisation: each group's part in the mean of a slice."""
    mean, gap = _means(sums.sum(axis=0), clips.sum(axis=0))
    inside, outside = _parts_of(sums, clips, mean, mean - gap)
    return _root(inside), _root(inside - outside)


def _null_errors(sums: np.ndarray, clips: np.ndarray, spread: float) -> np.ndarray:
    """Standard errors of the differences, (s,), if all slices have the same mean.

    They use residuals from the common mean, and are at least those of as many clips with the
    variance ``spread`` and the design effect of all groups: else a small slice in which all clips
    are correct would have hardly any error.
    """
    total, count = sums.sum(axis=0), clips.sum(axis=0)
    whole = total[-1] / count[-1]
    inside, outside = _parts_of(sums, clips, whole, whole)
    own = ((sums[:, -1] - whole * clips[:, -1]) ** 2).sum()  # of the sum of all clips
    each = max(spread, own / count[-1])
    with np.errstate(divide="ignore"):
        least = np.sqrt(each * (1 / count[:-1] + 1 / (count[-1] - count[:-1])))
    return np.maximum(_root(inside - outside), least)


def _parts_of(
    sums: np.ndarray, clips: np.ndarray, mean: np.ndarray | float, others: np.ndarray | float
) -> tuple[np.ndarray, np.ndarray]:
    """The residuals of g groups in the means of s slices, and of the rests, (g, s) both."""
    rest, left = sums[:, -1:] - sums[:, :-1], clips[:, -1:] - clips[:, :-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = (sums[:, :-1] - clips[:, :-1] * mean) / clips[:, :-1].sum(axis=0)
        return inside, (rest - left * others) / left.sum(axis=0)


def _root(residuals: np.ndarray) -> np.ndarray:
    count = len(residuals)
    return np.sqrt(count / max(1, count - 1) * (residuals**2).sum(axis=0))


def _spans(mean: np.ndarray, error: np.ndarray, drawn: np.ndarray | None) -> list[Interval]:
    """Means (s,) with 95 % intervals, of bootstrap samples (draws, s) or of standard errors."""
    if drawn is None:
        low, high = mean - _NORMAL * error, mean + _NORMAL * error
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # a slice that no sample has
            low, high = np.nanquantile(drawn, (0.025, 0.975), axis=0)
    return [Interval(*map(float, one)) for one in zip(mean, low, high, strict=True)]
