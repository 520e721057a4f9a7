"""Flow words: one sentence about the methods themselves, made from their scores."""

from __future__ import annotations

from collections.abc import Mapping

from core.explain.flowblame import spoken
from core.video.flowscore import FlowScore


def least(numbers: Mapping[str, float | None]) -> str:
    """The method of the lowest number; empty where fewer than two have one, or all are the same."""
    known = {method: n for method, n in numbers.items() if n is not None and n == n}
    if len(set(known.values())) < 2:
        return ""
    return min(known, key=known.__getitem__)


def quality(scores: Mapping[str, FlowScore], still: FlowScore) -> str:
    """Which method explains the next frame best, and which is nearest to the truth.

    Args:
        scores: method -> its score, the true flow not among them.
        still: the score of no flow at all.
    """
    parts = []
    best = least({method: one.warp_error for method, one in scores.items()})
    if best:
        parts.append(
            f"{spoken(best)} explains the next frame best: {scores[best].warp_error:.2f} grey "
            f"levels are left of {still.warp_error:.2f} without flow"
        )
    near = least({method: one.end_point_moving for method, one in scores.items()})
    if near:
        also = "is nearest to the truth too" if near == best else "is nearest to the truth"
        who = "it" if near == best else spoken(near)
        parts.append(f"{who} {also}, {scores[near].end_point_moving:.2f} px off on what moves")
    return "; ".join(parts) + "." if parts else ""
