"""Findings: what a trial shows, in sentences made from its numbers."""

from __future__ import annotations

import numpy as np

from core.study.errors import PARTS, Interval, duel, interval
from core.study.trial import Trial

_ALONE = {"spatial": "appearance alone", "temporal": "motion alone", "late": "late fusion"}


def verdict(trial: Trial) -> str:
    """How often fusion and either stream are right, and what fusion rescues and loses."""
    count = len(trial.labels)
    played = (trial.spatial, trial.temporal, trial.fused)
    if len({(head.model, head.head) for head in played}) < 3:
        alone = percent(interval(trial.fused.right, trial.groups)).replace("%", " %")
        whose = f"{trial.fused.model} {trial.fused.head}"
        return (
            f"{whose} is right on {alone} of {clips(count)}. Whether fusion helps shows "
            "where three heads differ: appearance, motion, both fused."
        )
    fused, *alone = (
        (role, interval(trial.roles[role].right, trial.groups))
        for role in ("fused", "spatial", "temporal")
    )
    others = ", ".join(f"{_ALONE[role]} on {percent(found)}" for role, found in alone)
    rescued, lost = (int(PARTS[name](trial).sum()) for name in ("rescued", "hurt"))
    return (
        f"Fusion is right on {fused[1].mean:.0%} of {clips(count)} ({_range(fused[1])}), {others}. "
        f"It rescues {clips(rescued)} that both streams miss and loses {lost} that one of them had."
    ).replace("%", " %")


def gain_words(trial: Trial, role: str) -> str:
    """What fusion wins or loses against another head, with its interval and its odds."""
    other = trial.roles[role]
    gain = trial.fused.right.astype(float) - other.right
    found, fought = interval(100 * gain, trial.groups), duel(trial.fused, other)
    odds = "p < 0.001" if fought.chance < 0.001 else f"p = {fought.chance:.2g}"
    span = f"{found.mean:+.1f} points ({found.low:+.1f} to {found.high:+.1f})"
    return (
        f"Against {_ALONE[role]}: {span}; "
        f"{clips(fought.gained)} gained, {fought.lost} lost, {odds}."
    ).replace("-", "\N{MINUS SIGN}")


def method(trial: Trial) -> str:
    """How the intervals and the odds came about."""
    groups = len(np.unique(trial.groups)) if trial.groups else 0
    drawn = (
        f"2,000 draws of whole groups of clips of one source ({groups} groups)"
        if groups
        else "2,000 draws of single clips (the file names no groups, so they may be too narrow)"
    )
    left = (
        f" {clips(trial.left_out)} that not all heads answered left out." if trial.left_out else ""
    )
    return (
        f"In brackets 95 % intervals: {drawn}. p: exact McNemar test, two-sided, which takes clips "
        f"as independent.{left}"
    )


def percent(found: Interval) -> str:
    """A share with its interval, in whole per cent."""
    return f"{found.mean:.0%} ({_range(found)})"


def clips(count: int) -> str:
    """So many clips."""
    return f"{count:,} clip{'' if count == 1 else 's'}"


def _range(found: Interval) -> str:
    return f"{100 * found.low:.0f} to {100 * found.high:.0f}"
