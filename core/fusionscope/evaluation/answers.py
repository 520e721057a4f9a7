"""Answers: the predictions of one head of one network on a set of clips, with the true labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property

import numpy as np

from fusionscope.base.records import seal
from fusionscope.explain.measures import probabilities

Column = np.ndarray | tuple[str, ...]
"""Of n clips: numbers (n,), nan where missing, or n texts, empty where missing."""


@dataclass(frozen=True, eq=False)
class Answers:
    """One head's predictions: n clips, K classes. Unknown fields are empty or None."""

    model: str
    head: str
    classes: tuple[str, ...]  # K
    clips: tuple[str, ...]  # n ids, each once
    labels: np.ndarray  # (n,) true class, an index into ``classes``
    scores: np.ndarray  # (n, K) before the softmax
    groups: tuple[str, ...] = ()  # n: equal for clips from the same source
    paths: tuple[str, ...] = ()  # n: the video, relative to the data folder
    terms: np.ndarray | None = None  # (n, 4) of the label's score, in the order of ``ledger.TERMS``
    places: np.ndarray | None = None  # (n, 2) on the map of clips
    columns: Mapping[str, Column] = field(default_factory=dict)  # name -> n: what else is known

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
        for name, column in self.columns.items():
            if len(column) != n:
                raise ValueError(f"expected {n} values of {name}, got {len(column)}")
        if len(set(self.clips)) < n or len(set(self.classes)) < k:
            raise ValueError("expected every clip and every class once, got one twice")
        seal(self)

    @cached_property
    def said(self) -> np.ndarray:
        """Predicted class, (n,), an index into ``classes``."""
        return _closed(self.scores.argmax(axis=1))

    @cached_property
    def right(self) -> np.ndarray:
        """Whether each prediction is correct, (n,)."""
        return _closed(self.said == self.labels)

    @cached_property
    def sure(self) -> np.ndarray:
        """Confidence of each prediction, (n,)."""
        return _closed(probabilities(self.scores).max(axis=1))

    def of(self, rows: np.ndarray) -> Answers:
        """Predictions on a subset of clips, given by indices (m,), in this order."""
        picked = {}
        for one in fields(self):
            value = getattr(self, one.name)
            if isinstance(value, np.ndarray):
                picked[one.name] = value[rows]
            elif one.name in ("clips", "groups", "paths") and value:
                picked[one.name] = tuple(value[row] for row in rows)
        columns = {name: _of_rows(column, rows) for name, column in self.columns.items()}
        return replace(self, **picked, columns=columns)


def _of_rows(column: Column, rows: np.ndarray) -> Column:
    if isinstance(column, np.ndarray):
        return column[rows]
    return tuple(column[row] for row in rows)


def _closed(values: np.ndarray) -> np.ndarray:
    values.setflags(write=False)
    return values
