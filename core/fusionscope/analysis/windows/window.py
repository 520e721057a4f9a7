"""Window: the predictions of a network for a few seconds of a film."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fusionscope.base.numbers import is_guess
from fusionscope.base.records import seal
from fusionscope.explain.measures import top

OWN_HEADS: Mapping[str, str] = {"appearance": "spatial", "motion": "temporal"}
"""Stream -> the head of its own that a network may have."""

ALONE: Mapping[str, str] = {
    "appearance": "with motion replaced by zero flow",
    "motion": "with appearance replaced by the training mean",
}
"""Stream without a head of its own -> how it is judged."""


@dataclass(frozen=True, eq=False)
class Window:
    """One window, read-only."""

    start: float  # seconds of the film
    end: float
    labels: tuple[str, ...]  # the K classes
    logits: Mapping[str, np.ndarray]  # head -> (K,) scores; ``average`` last, if there are several
    alone: Mapping[str, np.ndarray]  # stream without a head of its own -> (K,) final scores

    def __post_init__(self) -> None:
        seal(self)

    @property
    def deciding(self) -> str:
        """The head of the final prediction: the average if there are several heads."""
        return list(self.logits)[-1]

    def top(self, count: int = 5) -> dict[str, list[tuple[str, float]]]:
        """Head -> its likeliest classes with their probabilities; ``average``, if any, is last."""
        return {head: top(scores, self.labels, count) for head, scores in self.logits.items()}

    @property
    def streams(self) -> dict[str, np.ndarray]:
        """Stream -> (K,) scores: of its own head, or with the other stream replaced."""
        found = {}
        for stream, head in OWN_HEADS.items():
            scores = self.logits.get(head, self.alone.get(stream))
            if scores is not None:
                found[stream] = scores
        return found

    @property
    def disagree(self) -> bool:
        """Whether the two streams predict different classes, both better than chance."""
        found = [top(scores, self.labels, 1)[0] for scores in self.streams.values()]
        if any(is_guess(p, len(self.labels)) for _, p in found):
            return False
        return len({label for label, _ in found}) > 1
