"""Flow quality: one sentence about the flow methods, made from their scores."""

from __future__ import annotations

from collections.abc import Mapping

from fusionscope.explain.ledger.by_flow_method import in_words
from fusionscope.video.flow.score import FlowScore


def least(numbers: Mapping[str, float | None], places: int = 2) -> str:
    """The method with the lowest number as shown; empty if fewer than two have one, or in a tie."""
    known = {method: round(n, places) for method, n in numbers.items() if n is not None and n == n}
    lowest = [method for method, n in known.items() if n == min(known.values())]
    return lowest[0] if len(known) > 1 and len(lowest) == 1 else ""


def quality(scores: Mapping[str, FlowScore], still: FlowScore) -> str:
    """Name the method with the lowest warp error and the one closest to the true flow.

    Args:
        scores: method -> its score, without the true flow.
        still: the score of zero flow.
    """
    parts = []
    best = least({method: one.warp_error for method, one in scores.items()})
    if best:
        error, zero = round(scores[best].warp_error, 2), round(still.warp_error, 2)
        beside = f" ({zero:.2f} with zero flow)" if zero == zero else ""
        parts.append(f"{in_words(best)} has the lowest warp error: {error:.2f} grey levels{beside}")
        if error >= zero:
            parts[-1] += ", no better than zero flow"
    near = least({method: one.end_point_moving for method, one in scores.items()})
    if near:
        also = "is also" if near == best else "is"
        who = "it" if near == best else in_words(near)
        parts.append(
            f"{who} {also} closest to the true flow, end-point error "
            f"{scores[near].end_point_moving:.2f} px on moving pixels"
        )
    return "; ".join(parts) + "." if parts else ""
