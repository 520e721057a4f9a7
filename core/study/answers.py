"""Answers: what one head of one network said of every clip of a set, and what was true."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from core.explain.measures import probabilities
from core.records import seal


@dataclass(frozen=True, eq=False)
class Answers:
    """One head's answers: n clips, K classes. What is not known is empty, or None."""

    model: str
    head: str
    classes: tuple[str, ...]  # K
    clips: tuple[str, ...]  # n ids, each once
    labels: np.ndarray  # (n,) the truth, an index into ``classes``
    scores: np.ndarray  # (n, K) before the softmax
    groups: tuple[str, ...] = ()  # n: clips of one source share it
    paths: tuple[str, ...] = ()  # n: the video, relative to the data folder
    terms: np.ndarray | None = None  # (n, 4) of the label's score, in the order of ``ledger.TERMS``
    places: np.ndarray | None = None  # (n, 2) on the map of clips

    def __post_init__(self) -> None:
        n, k = len(self.clips), len(self.classes)
        needed = {"labels": (n,), "scores": (n, k), "terms": (n, 4), "places": (n, 2)}
        for name, shape in needed.items():
            value = getattr(self, name)
            if value is not None and value.shape != shape:
                raise ValueError(f"expected {name} of shape {shape}, got {value.shape}")
        for name in ("groups", "paths"):
            if len(getattr(self, name)) not in (0, n):
                raise ValueError(f"expected {n} {name} or none, got {len(getattr(self, name))}")
        if len(set(self.clips)) < n or len(set(self.classes)) < k:
            raise ValueError("expected every clip and every class once, got one twice")
        seal(self)

    @property
    def said(self) -> np.ndarray:
        """(n,) the likeliest class, an index into ``classes``."""
        return self.scores.argmax(axis=1)

    @property
    def right(self) -> np.ndarray:
        """(n,) is that the truth?"""
        return self.said == self.labels

    @property
    def sure(self) -> np.ndarray:
        """(n,) the probability of what is said."""
        return probabilities(self.scores).max(axis=1)

    def of(self, rows: np.ndarray) -> Answers:
        """The answers on some of the clips: (m,) indices, in their order."""
        picked = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                picked[field.name] = value[rows]
            elif field.name in ("clips", "groups", "paths") and value:
                picked[field.name] = tuple(value[row] for row in rows)
        return replace(self, **picked)
