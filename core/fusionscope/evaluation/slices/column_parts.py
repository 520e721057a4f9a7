"""Column parts: cut the clips by a column of a predictions file.

A text column has a part for each value, a column of few different numbers likewise; other numbers
are cut at their quantiles.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np

from fusionscope.base.numbers import MINUS
from fusionscope.evaluation.answers import Column
from fusionscope.evaluation.head_trial import HeadTrial
from fusionscope.evaluation.statistics import motion_shares

BINS = 4  # quantile bins of a column of numbers
VALUES = 12  # values of a text column, at most; the rarer ones are put together
SHARE = "share of motion (%)"  # the column made from the ledger
OTHERS, MISSING = "other values", "(empty)"


def columns_of(trial: HeadTrial) -> dict[str, Column]:
    """The columns by which a trial can be sliced; with a ledger also by the share of motion."""
    found = dict(trial.columns)
    shares = motion_shares(trial.fused)
    if shares is not None and SHARE not in found:
        found[SHARE] = 100 * shares
    return {name: column for name, column in found.items() if len(parts(column)) > 1}


def parts(column: Column) -> dict[str, np.ndarray]:
    """Cut a column into parts: value, or range of numbers -> (m,) rows.

    A text column with more values than half of its filled cells, such as a title, gives none.
    """
    if isinstance(column, np.ndarray):
        return _of_numbers(column)
    counts = Counter(value for value in column if value)
    if 2 * len(counts) > counts.total():
        return {}
    often = [value for value, count in counts.most_common(VALUES) if count > 1]
    values = np.array(column, object)
    found = {value: np.flatnonzero(values == value) for value in often}
    rest = [value for value in counts if value not in found]
    if rest:
        found[_free(OTHERS, found)] = np.flatnonzero(np.isin(values, np.array(rest, object)))
    if "" in column:
        found[_free(MISSING, found)] = np.flatnonzero(values == "")
    return found


def _of_numbers(column: np.ndarray) -> dict[str, np.ndarray]:
    known = np.isfinite(column)
    different = np.unique(column[known])
    if len(different) <= BINS:
        bins = np.searchsorted(different, column)
    else:
        edges = np.unique(np.quantile(column[known], np.arange(1, BINS) / BINS))
        edges = edges[edges < different[-1]]
        if not len(edges):  # most clips have the largest number
            edges = different[-2:-1]
        bins = np.searchsorted(edges, column)
    rows = [np.flatnonzero(known & (bins == one)) for one in np.unique(bins[known])]
    ends = [(column[one].min(), column[one].max()) for one in rows]
    found = dict(zip(_ranges(ends), rows, strict=True))
    if not known.all():
        found[MISSING] = np.flatnonzero(~known)
    return found


def _ranges(ends: list[tuple[float, float]]) -> list[str]:
    """Ranges in words, with as many digits as tell them apart."""
    for digits in range(3, 18):
        ranges = [[_number(end, digits) for end in both] for both in ends]
        flat = [end for low, high in ranges for end in dict.fromkeys((low, high))]
        if len({*flat}) == len(flat) or digits == 17:
            return [low if low == high else f"{low} to {high}" for low, high in ranges]
    return []


def _number(value: float, digits: int) -> str:
    whole = value == round(value) and abs(value) < 1e7
    return (f"{value:.0f}" if whole else f"{value:.{digits}g}").replace("-", MINUS)


def _free(name: str, taken: Mapping[str, np.ndarray]) -> str:
    """The name, in brackets if a value of the column is called so."""
    while name in taken:
        name = f"({name})"
    return name


def named_parts(trial: HeadTrial) -> dict[str, np.ndarray]:
    """Column and value, as ``Slice.name`` joins them -> (m,) rows of the trial."""
    return {
        f"{name}: {value}": rows
        for name, column in columns_of(trial).items()
        for value, rows in parts(column).items()
    }
