"""Target: the number that an attribution explains: a class's score, or by how much it leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from torch import Tensor

from core.nets.network import Seen
from core.records import InputError
from core.trace import scores

Scores = TypeVar("Scores", Tensor, np.ndarray)


@dataclass(frozen=True)
class Target:
    """logit(label) at a head, or logit(label) - logit(against): this, not that."""

    head: str  # ``average`` for the mean of all heads
    label: str
    against: str = ""

    def __str__(self) -> str:
        return f"“{self.label}”" + (f", not “{self.against}”" if self.against else "")

    def of(self, seen: Seen, labels: Sequence[str]) -> Tensor:
        """(B,) the number itself, still in the graph.

        Raises:
            InputError: a class that the network does not know, or the same one twice.
        """
        for label in filter(None, (self.label, self.against)):
            if label not in labels:
                raise InputError(
                    f"the network does not know the class {label!r}; it knows "
                    f"{', '.join(labels[:4])}{' …' if len(labels) > 4 else ''}"
                )
        if self.label == self.against:
            raise InputError(f"{self.label!r} leads itself by nothing; name another class")
        return self.lead(scores(seen, self.head), labels)

    def lead(self, scores: Scores, labels: Sequence[str]) -> Scores:
        """(..., K) scores of known classes -> (...): the class's, less that of the other."""
        found = scores[..., labels.index(self.label)]
        return found - scores[..., labels.index(self.against)] if self.against else found
