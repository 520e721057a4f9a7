"""Shapley values of the two streams, from the four passes of the ledger."""

from __future__ import annotations

from dataclasses import dataclass

from fusionscope.explain.ledger.ledger import Passes, split
from fusionscope.explain.target import Target


@dataclass(frozen=True)
class StreamShapley:
    """Contribution of each stream to a score: empty + appearance + motion = score."""

    target: Target
    appearance: float
    motion: float
    score: float
    empty: float  # with both streams absent


def stream_shapley(passes: Passes, target: Target) -> StreamShapley:
    """Divide a score between the streams: each receives half of their interaction."""
    by_pass = target.lead(passes.logits[target.head], passes.labels)
    empty, appearance, motion, synergy = split(by_pass).tolist()
    return StreamShapley(
        target, appearance + synergy / 2, motion + synergy / 2, float(by_pass[0]), empty
    )
