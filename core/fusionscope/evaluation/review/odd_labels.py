"""Odd labels: clips whose label a head confidently contradicts.

Confident learning (Northcutt, Jiang, Chuang 2021, "Confident Learning: Estimating Uncertainty in
Dataset Labels", JAIR 70, section 3.1). A class's threshold is the mean probability of that class
over the clips labelled with it. A clip counts for the classes whose thresholds its probabilities
reach, and of those for the most probable one. If that is not its label, the label may be wrong. The
result is that of ``find_label_issues(filter_by="confident_learning")`` in cleanlab 2.9.

The predictions must be of clips that the head was not trained on.
"""

from __future__ import annotations

import numpy as np

from fusionscope.evaluation.answers import Answers
from fusionscope.explain.measures import probabilities

_ROUNDING = 1e-6  # by which a probability may miss a threshold


def odd_labels(head: Answers) -> np.ndarray:
    """(m,) rows of clips whose label may be wrong, the most confident contradiction first.

    They are sorted by the probability of the label minus that of the most probable other class.
    """
    given = probabilities(head.scores)  # (n, K)
    rows, labels = np.arange(len(head.labels)), head.labels
    own = given[rows, labels]
    counts = np.bincount(labels, minlength=given.shape[1])
    sums = np.bincount(labels, weights=own, minlength=given.shape[1])
    threshold = np.where(counts > 0, sums / np.maximum(counts, 1), np.inf)
    reached = np.where(given >= threshold - _ROUNDING, given, 0.0)
    odd = np.flatnonzero((reached.max(axis=1) > 0) & (reached.argmax(axis=1) != labels))
    other = given[odd].copy()
    other[np.arange(len(odd)), labels[odd]] = 0.0
    return odd[np.argsort(own[odd] - other.max(axis=1, initial=0.0), kind="stable")]
