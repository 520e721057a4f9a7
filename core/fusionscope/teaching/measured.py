"""Measured: the accuracy of what was taught, on clips that it was not learned from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fusionscope.base.numbers import share_interval
from fusionscope.base.records import seal
from fusionscope.evaluation.answers import Answers
from fusionscope.evaluation.statistics import PairedComparison, compare_pairs, confusion
from fusionscope.explain.measures import probabilities
from fusionscope.teaching.examples import Example

STREAM_HEADS = ("appearance", "motion")


@dataclass(frozen=True, eq=False)
class Measured:
    """Predictions for clips that were not learned from: head -> ``Answers`` on the same n clips."""

    classes: tuple[str, ...]
    how: str  # "clip" or "group": what was left out at a time; "test": other clips
    heads: Mapping[str, Answers]  # appearance, motion, late, fused
    skipped: tuple[str, ...] = ()  # ids of clips without which a class would have no clip

    def __post_init__(self) -> None:
        seal(self)

    @property
    def n(self) -> int:
        """Number of clips measured."""
        return len(self.heads["fused"].clips)

    @property
    def chance(self) -> float:
        """Accuracy of a guess."""
        return 1 / len(self.classes)

    @property
    def accuracy(self) -> dict[str, float]:
        """Head -> share of clips predicted correctly, 0..1."""
        return {head: float(one.right.mean()) for head, one in self.heads.items()}

    @property
    def interval(self) -> dict[str, tuple[float, float]]:
        """Head -> 95 % interval of its accuracy (Wilson), taking clips as independent."""
        return {head: share_interval(share, self.n) for head, share in self.accuracy.items()}

    @property
    def better(self) -> str:
        """The stream with the higher accuracy: appearance or motion."""
        return max(STREAM_HEADS, key=lambda head: self.accuracy[head])

    @property
    def gain(self) -> PairedComparison:
        """The fused classifier against that of the better stream, on the same clips."""
        return compare_pairs(self.heads["fused"], self.heads[self.better])

    @property
    def too_few(self) -> tuple[str, ...]:
        """Heads of which the clips cannot tell whether they are better than chance."""
        return tuple(head for head, (low, _) in self.interval.items() if low <= self.chance)

    def cell(self, head: str, true: str, predicted: str) -> tuple[str, ...]:
        """The ids of the clips of one class that a head predicts as another, or as that class."""
        one = self.heads[head]
        at, said = self.classes.index(true), self.classes.index(predicted)
        rows = np.flatnonzero((one.labels == at) & (one.said == said))
        return tuple(one.clips[row] for row in rows)

    def confusion(self, head: str) -> np.ndarray:
        """Numbers of clips, (K, K): rows are true classes, columns predictions."""
        return confusion(self.heads[head])

    def confusions(self, head: str) -> list[tuple[str, str, tuple[str, ...]]]:
        """True class, other class predicted, and the clips; the most frequent first."""
        table = self.confusion(head)
        np.fill_diagonal(table, 0)
        pairs = [divmod(int(at), len(table)) for at in np.argsort(-table, axis=None, kind="stable")]
        names = [(self.classes[a], self.classes[b]) for a, b in pairs if table[a, b]]
        return [(true, other, self.cell(head, true, other)) for true, other in names]

    def odd(self, head: str = "fused") -> tuple[str, float] | None:
        """The clip least like its class: id and probability of its class; None if all are right."""
        one = self.heads[head]
        own = probabilities(one.scores)[np.arange(self.n), one.labels]
        at = int(own.argmin())
        return None if one.right.all() else (one.clips[at], float(own[at]))


def measured(
    how: str,
    classes: Sequence[str],
    examples: Sequence[Example],
    scores: Mapping[str, np.ndarray],
    skipped: Sequence[str] = (),
) -> Measured:
    """Gather head -> (n, K) scores of n examples."""
    labels = np.array([classes.index(example.label) for example in examples])
    groups = tuple(example.group or example.id for example in examples)
    ids = tuple(example.id for example in examples)
    heads = {
        head: Answers("taught", head, tuple(classes), ids, labels, rows, groups)
        for head, rows in scores.items()
    }
    return Measured(tuple(classes), how, heads, tuple(skipped))
