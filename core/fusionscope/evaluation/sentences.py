"""Sentences: summarise a trial of heads in words, from its numbers."""

from __future__ import annotations

import numpy as np

from fusionscope.base.numbers import difference, signed
from fusionscope.base.records import percent
from fusionscope.evaluation.answers import Answers
from fusionscope.evaluation.head_trial import HeadTrial
from fusionscope.evaluation.statistics import (
    PARTS,
    Interval,
    compare_pairs,
    interval,
    reliability,
)

_OTHERS = {"spatial": "the appearance head", "temporal": "the motion head", "late": "late fusion"}


def verdict(trial: HeadTrial, data: str = "") -> str:
    """Compare the accuracy of fusion and both streams; count the clips won and lost.

    Args:
        data: the name of the data set, if it is known.
    """
    of = clips(len(trial.labels)) + (f" of {data}" if data else "")
    played = (trial.spatial, trial.temporal, trial.fused)
    if len({(head.model, head.head) for head in played}) < 3:
        alone = _share_words(interval(trial.fused.right, trial.groups))
        whose = f"{trial.fused.model} {trial.fused.head}"
        return (
            f"{whose} is correct on {alone} of {of}. To see whether fusion helps, "
            "choose three different heads: appearance, motion, both fused."
        )
    fused, *alone = (
        (role, interval(trial.roles[role].right, trial.groups))
        for role in ("fused", "spatial", "temporal")
    )
    others = ", ".join(f"{_OTHERS[role]} on {_share_words(found)}" for role, found in alone)
    rescued, lost = (int(PARTS[name](trial).sum()) for name in ("rescued", "hurt"))
    return (
        f"Fusion is correct on {percent(fused[1].mean)} of {of} (95 % interval "
        f"{_range(fused[1])}), {others}. It is correct on {clips(rescued)} that both streams get "
        f"wrong, and wrong on {lost} that a stream gets right."
    )


def gain_words(trial: HeadTrial, role: str) -> str:
    """Gain of fusion over another head, with interval and p-value."""
    other = trial.roles[role]
    gain = trial.fused.right.astype(float) - other.right
    found, fought = interval(100 * gain, trial.groups), compare_pairs(trial.fused, other)
    odds = "p < 0.001" if fought.chance < 0.001 else f"p = {fought.chance:.2g}"
    if trial.groups:
        odds += " if clips were independent"
    span = f"{signed(found.mean)} points ({signed(found.low)} to {signed(found.high)})"
    return (
        f"Compared with {_OTHERS[role]}: {span}; "
        f"{clips(fought.gained)} gained, {fought.lost} lost, {odds}."
    )


def calibration(head: Answers) -> str:
    """Compare a head's mean confidence with its accuracy, and quote its calibration error."""
    found = reliability(head)
    sure, right = round(float(head.sure.mean()), 2), round(float(head.right.mean()), 2)
    gap = difference(sure, right, 2)
    how = "equals" if not gap else f"is {abs(gap):.2f} {'above' if gap > 0 else 'below'}"
    return (
        f"The mean confidence of the fused head ({sure:.2f}) {how} its accuracy ({right:.2f}); "
        f"expected calibration error **{found.error:.3f}**."
    )


def method(trial: HeadTrial) -> str:
    """Explain how intervals and p-values are computed."""
    groups = len(np.unique(trial.groups)) if trial.groups else 0
    drawn = (
        f"2,000 bootstrap samples of whole groups of clips from one source ({groups} groups)"
        if groups
        else "2,000 bootstrap samples of single clips (without groups in the file, they may be "
        "too narrow)"
    )
    left = f" Excluded: {clips(trial.left_out)} without all heads." if trial.left_out else ""
    return (
        f"In brackets: 95 % intervals from {drawn}. p: two-sided exact McNemar test, which assumes "
        f"independent clips.{left}"
    )


def _share_words(found: Interval) -> str:
    """Format a share with its interval, in whole per cent."""
    return f"{percent(found.mean)} ({_range(found)})"


def clips(count: int) -> str:
    """Format a number of clips."""
    return f"{count:,} clip{'' if count == 1 else 's'}"


def _range(found: Interval) -> str:
    return f"{100 * found.low:.0f} to {100 * found.high:.0f}"


_SHOWN = {"right": "correct", "wrong": "incorrect", "hurt": "lost", "gained on": "gained over"}


def outcome_title(name: str) -> str:
    """A cell or part as shown on a page; links and exports keep its ``name``."""
    for word, shown in _SHOWN.items():
        name = name.replace(word, shown)
    return name
