"""Target: the number that an attribution explains: a class score, or its lead over another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from torch import Tensor

from fusionscope.base.numbers import class_name
from fusionscope.base.records import InputError
from fusionscope.nets.network import Seen
from fusionscope.trace import scores

Scores = TypeVar("Scores", Tensor, np.ndarray)


@dataclass(frozen=True)
class Target:
    """logit(label) at a head, or logit(label) - logit(against)."""

    head: str  # ``average`` for the mean of all heads
    label: str
    against: str = ""

    def __str__(self) -> str:
        against = f" versus “{class_name(self.against)}”" if self.against else ""
        return f"“{class_name(self.label)}”{against}"

    def of(self, seen: Seen, labels: Sequence[str]) -> Tensor:
        """(B,) the target, in the graph of the pass.

        Raises:
            InputError: a class that the network does not have, or the same class twice.
        """
        for label in filter(None, (self.label, self.against)):
            if label not in labels:
                raise InputError(
                    f"the network has no class {label!r}; its classes are "
                    f"{', '.join(labels[:4])}{' …' if len(labels) > 4 else ''}"
                )
        if self.label == self.against:
            raise InputError(f"{self.label!r} is compared with itself; choose another class")
        return self.lead(scores(seen, self.head), labels)

    def lead(self, scores: Scores, labels: Sequence[str]) -> Scores:
        """(..., K) scores -> (...): the score of the class, minus that of the other class."""
        found = scores[..., labels.index(self.label)]
        return found - scores[..., labels.index(self.against)] if self.against else found
