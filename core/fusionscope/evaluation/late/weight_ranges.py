"""Weight ranges: for which weights of two heads a fused prediction is correct.

With the weight w of the second head, the fused score of a class is (1 - w) a + w b, a line in w.
The true class has the largest score where its line lies above all others: in one range of w for
each clip. Both ends are found in one pass over the classes, however many weights are asked for.
"""

from __future__ import annotations

import numpy as np

_NEAR = 1e-9  # of a weight to an end of the range: then the scores themselves are compared
_BLOCK = 512  # clips at a time


def right_by_weight(scores: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Scores of two heads (2, n, K), labels (n,), weights of the second (m,) -> (m, n) bool."""
    right = np.empty((len(weights), len(labels)), bool)
    for start in range(0, len(labels), _BLOCK):
        rows = slice(start, start + _BLOCK)
        right[:, rows] = _of_block(scores[:, rows], labels[rows], weights)
    return right


def _of_block(scores: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> np.ndarray:
    count = np.arange(len(labels))
    ahead = scores[:, count, labels][..., None] - scores  # (2, n, K) of the true class
    ahead[:, count, labels] = 1.0  # it is no competitor of its own
    slope = ahead[1] - ahead[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing = -ahead[0] / slope
    low = np.where(slope > 0, crossing, -np.inf).max(axis=1)
    high = np.where(slope < 0, crossing, np.inf).min(axis=1)
    tied = (slope == 0) & (ahead[0] == 0)
    never = ((slope == 0) & (ahead[0] < 0)).any(axis=1)
    right = (low <= weights[:, None]) & (weights[:, None] <= high) & ~never
    near = np.minimum(np.abs(weights[:, None] - low), np.abs(weights[:, None] - high)) < _NEAR
    near |= tied.any(axis=1) & right
    for at, row in np.argwhere(near):
        fused = (1 - weights[at]) * scores[0, row] + weights[at] * scores[1, row]
        right[at, row] = fused.argmax() == labels[row]
    return right
