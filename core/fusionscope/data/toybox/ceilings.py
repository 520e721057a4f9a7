"""Ceilings: the best possible accuracy on Toybox, given the evidence a network can use.

A clip's content is which ball made which move in which half. The *evidence* is the part of it that
a family of networks can observe; at best, such a network predicts the likeliest label among all
contents with the same evidence. The ceilings follow by counting, with labels equally likely and the
spotted ball's moves equally likely among those allowed, as in ``toy_plan``.

Fusions of features have one ceiling whatever the operator, as if the streams met in each cell. Max
and concatenation meet only within a pooling window: ``windows.py`` has the argument, and counts
that this costs 0.1 points.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping
from fractions import Fraction
from types import MappingProxyType

from fusionscope.data.toybox.world import MOVES
from fusionscope.nets.fusion import FUSIONS

Content = tuple[tuple[str, str], tuple[str, str]]
"""For the first and the second half: the striped ball's move, then the spotted ball's."""

Evidence = Callable[[Content], Hashable]


def contents() -> dict[Content, Fraction]:
    """All possible contents with their probabilities."""
    found: dict[Content, Fraction] = {}
    pairs = [(a, b) for a in MOVES for b in MOVES if a != b]
    for striped in pairs:
        others = [o for o in pairs if o[0] != striped[0] and o[1] != striped[1]]
        for spotted in others:
            halves = ((striped[0], spotted[0]), (striped[1], spotted[1]))
            found[halves] = Fraction(1, len(pairs) * len(others))
    return found


def ceiling(evidence: Evidence) -> Fraction:
    """Accuracy of always predicting the likeliest label given the evidence."""
    weights: dict[Hashable, dict[tuple[str, str], Fraction]] = defaultdict(
        lambda: defaultdict(Fraction)
    )
    for content, p in contents().items():
        (first, _), (second, _) = content
        weights[evidence(content)][first, second] += p
    return sum((max(labels.values()) for labels in weights.values()), Fraction(0))


def _nothing(content: Content) -> Hashable:  # noqa: ARG001
    return ()


def _moves_in_no_order(content: Content) -> Hashable:
    return frozenset(frozenset(half) for half in content)


def _moves_in_order(content: Content) -> Hashable:
    return tuple(frozenset(half) for half in content)


def _movers_in_no_order(content: Content) -> Hashable:
    return frozenset(content)


def _everything(content: Content) -> Hashable:
    return content


CEILINGS: Mapping[str, Fraction] = MappingProxyType(
    {
        "spatial stream": ceiling(_nothing),
        "temporal stream, chunks averaged or max-pooled": ceiling(_moves_in_no_order),
        "temporal stream that knows the order": ceiling(_moves_in_order),
        "fusion of features, chunks averaged or max-pooled": ceiling(_movers_in_no_order),
        "fusion of features that knows the order": ceiling(_everything),
    }
)
"""Evidence available to a network -> best possible accuracy."""


def ceilings_of(fusion: str | None, heads: tuple[str, ...]) -> tuple[tuple[str, float], ...]:
    """Ceilings of a network's heads, as pairs (head, ceiling).

    A 1x1 fusion processes one chunk at a time, so the order of the chunks is lost, however they are
    pooled; a 3-D filter combines neighbouring chunks. The temporal head has no filter over chunks.

    If features are fused, the fused head has all the evidence of the temporal head, so its ceiling
    also limits the average of both. Without a fusion of features there is no such bound: the sum of
    two streams' scores can be slightly more accurate than the better stream.
    """
    known = {
        "spatial": CEILINGS["spatial stream"],
        "temporal": CEILINGS["temporal stream, chunks averaged or max-pooled"],
        "spatiotemporal": _ceiling_of("fusion of features", fusion),
    }
    found = {head: known[head] for head in heads}
    if "spatiotemporal" in found and len(found) > 1:
        found["average"] = found["spatiotemporal"]
    return tuple((head, float(share)) for head, share in found.items())


def unregistered_ceiling(fusion: str | None) -> float:
    """Ceiling of a fused head if motion is no longer registered with the balls.

    What remains is the evidence of the temporal stream, in order if the filter spans chunks.
    """
    return float(_ceiling_of("temporal stream", fusion))


def _ceiling_of(family: str, fusion: str | None) -> Fraction:
    """The ceiling of a family, with or without the order of the chunks, as the operator knows it.

    None, or an operator of a network that is not of this project: without.
    """
    ordered = fusion is not None and fusion in FUSIONS and FUSIONS[fusion].knows_order()
    return CEILINGS[
        f"{family} that knows the order" if ordered else f"{family}, chunks averaged or max-pooled"
    ]
