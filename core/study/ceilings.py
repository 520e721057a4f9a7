"""Ceilings: the best that any network can do on Toybox, given what it can know.

A clip's content is who made which move in which half. What a family of networks can know of it is
its *evidence*; of all contents with the same evidence it can at best name the likeliest label. The
figures follow by counting, with labels equally likely and the spotted ball's moves equally likely
among those allowed, as ``toy_plan`` draws them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping
from fractions import Fraction
from types import MappingProxyType

from core.study.toybox import MOVES

Content = tuple[tuple[str, str], tuple[str, str]]
"""First half, second half: the striped ball's move, the spotted ball's."""

Evidence = Callable[[Content], Hashable]


def contents() -> dict[Content, Fraction]:
    """Every content that can be, with its probability."""
    found: dict[Content, Fraction] = {}
    pairs = [(a, b) for a in MOVES for b in MOVES if a != b]
    for striped in pairs:
        others = [o for o in pairs if o[0] != striped[0] and o[1] != striped[1]]
        for spotted in others:
            halves = ((striped[0], spotted[0]), (striped[1], spotted[1]))
            found[halves] = Fraction(1, len(pairs) * len(others))
    return found


def ceiling(evidence: Evidence) -> Fraction:
    """The accuracy of who always names the likeliest label that the evidence allows."""
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
"""What a network can know -> the share of clips that it can name at best."""


def ceilings_of(fusion: str | None, heads: tuple[str, ...]) -> tuple[tuple[str, float], ...]:
    """Head -> ceiling, for a network of this project.

    A 1x1 fusion looks at one chunk at a time, so its chunks are in no order, however they are
    pooled; a 3-D filter reaches over neighbours. The temporal head has no filter over chunks.

    Where features are fused, the average of the heads is bound by the fused head's ceiling, which
    knows all that the temporal one does. Of two streams that never meet no such bound holds: scores
    that only add up can do a little better than the better of them, if made for each other.
    """
    order = "that knows the order" if fusion == "conv3d" else "chunks averaged or max-pooled"
    known = {
        "spatial": CEILINGS["spatial stream"],
        "temporal": CEILINGS["temporal stream, chunks averaged or max-pooled"],
        "spatiotemporal": CEILINGS[
            f"fusion of features{' ' if fusion == 'conv3d' else ', '}{order}"
        ],
    }
    found = {head: known[head] for head in heads}
    if "spatiotemporal" in found and len(found) > 1:
        found["average"] = found["spatiotemporal"]
    return tuple((head, float(share)) for head, share in found.items())


def unregistered_ceiling(fusion: str | None) -> float:
    """The best that a fused head can do once motion no longer lies where its ball is.

    What is left is what the temporal stream knows, in order if the filter reaches over chunks.
    """
    timed = fusion == "conv3d"
    known = "that knows the order" if timed else "chunks averaged or max-pooled"
    return float(CEILINGS[f"temporal stream{' ' if timed else ', '}{known}"])
