"""Slice words: what a comparison of slices found, in sentences and as rows of a table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from fusionscope.base.numbers import listed, signed
from fusionscope.evaluation.slices.compare_slices import LEAST, Slice

LEVEL = 0.05  # of a corrected p-value
_NAMED = 4  # slices that a sentence names


def differing(slices: Sequence[Slice], measure: str) -> list[Slice]:
    """The slices whose measure differs from that of the other clips, the smallest p first."""
    found = [one for one in slices if one.measures[measure].corrected < LEVEL]
    return sorted(found, key=lambda one: one.measures[measure].p)


def findings(slices: Sequence[Slice], measure: str) -> str:
    """How many slices were compared, how many differ, and by how much."""
    tested = [one for one in slices if not math.isnan(one.measures[measure].p)]
    columns = len({one.column for one in slices})
    chance = LEVEL * len(tested)
    of = f"{columns} column{'' if columns == 1 else 's'}"
    words = f"Each of {len(tested)} slices of {of} is compared with all other clips"
    if not (found := differing(slices, measure)):
        rest = "no difference remains after correction for their number."
    else:
        named = [f"*{one.name}* ({_gap(one, measure)})" for one in found[:_NAMED]]
        named += [f"{len(found) - _NAMED} more"] if len(found) > _NAMED else []
        verb = "differs" if len(found) == 1 else "differ"
        rest = f"after correction for their number, {len(found)} {verb}: {listed(named)}."
    return f"{words}: {rest} Without correction, about {chance:.1f} would differ by chance."


def method_words(*, by_groups: bool) -> str:
    """How intervals and p-values of slices are made."""
    unit = "groups of clips from one source" if by_groups else "clips"
    return (
        f"Intervals (95 %) resample {unit}. p-values are for the difference from all other clips, "
        f"with cluster-robust errors, corrected for all slices shown or not (Benjamini and "
        f"Yekutieli 2001). Slices of fewer than {LEAST} {unit} have no interval and are not tested."
    )


def _gap(one: Slice, measure: str) -> str:
    gap = one.measures[measure].difference
    if measure == "synergy":
        return f"{signed(gap.mean, 2)}, from {signed(gap.low, 2)} to {signed(gap.high, 2)}"
    low, mean, high = (signed(100 * value) for value in (gap.low, gap.mean, gap.high))
    return f"{mean} points, from {low} to {high}"


def record_of(one: Slice) -> dict[str, Any]:
    """A slice ready for JSON: shares in 0..1; what is unknown is None."""
    measures = {
        name: {
            **asdict(found.inside),
            "difference": asdict(found.difference),
            "p": found.p,
            "p_corrected": found.corrected,
        }
        for name, found in one.measures.items()
    }
    told = {"column": one.column, "value": one.value, "clips": len(one.rows), "groups": one.groups}
    return told | {"measures": _known(measures)}


def _known(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _known(each) for key, each in value.items()}
    return None if isinstance(value, float) and math.isnan(value) else value
