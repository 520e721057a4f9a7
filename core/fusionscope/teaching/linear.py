"""Linear classifier for few clips: logistic regression on the mean map of one stream.

It is fitted to each clip's mean over chunks and cells, and used on every cell: ``evidence``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

from fusionscope.base.records import seal

C = 0.05
"""Inverse regularisation strength, for features of mean 0 and variance 1."""


LEAST = 0.1
"""Smallest spread of a channel, as a share of the mean spread."""


@dataclass(frozen=True, eq=False)
class Linear:
    """Evidence for each class: channels (C,) -> weight @ channels + bias, (K,)."""

    weight: np.ndarray  # (K, C) float32, with the values of half precision, in which it is saved
    bias: np.ndarray  # (K,) likewise

    def __post_init__(self) -> None:
        seal(self)

    def evidence(self, maps: np.ndarray) -> np.ndarray:
        """Evidence in every cell: (T, C, h, w) -> (T, K, h, w)."""
        chunks, channels, *grid = maps.shape
        flat = maps.reshape(chunks, channels, -1).astype(np.float32)
        return (self.weight @ flat + self.bias[:, None]).reshape(chunks, -1, *grid)


def peak(evidence: np.ndarray) -> np.ndarray:
    """Scores (K,) of evidence (T, K, h, w): ReLU, maximum over cells, mean over chunks."""
    return np.maximum(evidence.max(axis=(-2, -1)), 0).mean(axis=0)


def fit_linear(features: np.ndarray, classes: np.ndarray) -> Linear:
    """Fit a classifier to features (n, C) of the classes 0 ... K - 1, (n,), each of them there."""
    mean, spread = features.mean(axis=0), features.std(axis=0)
    # A channel that hardly differs among the clips must not count as much as one that does.
    spread = np.maximum(spread, LEAST * spread.mean() + 1e-6)
    # The solution lies in the span of the clips, which has far fewer dimensions than the channels.
    left, sizes, axes = np.linalg.svd((features - mean) / spread, full_matrices=False)
    inside = sizes > 1e-6 * sizes[0]
    inside[0] = True  # of clips that all look alike, one dimension is left, in which they agree
    turned = left[:, inside] * sizes[inside]
    found = LogisticRegression(C=C, max_iter=1000).fit(turned, classes)
    weight, bias = found.coef_ @ axes[inside], found.intercept_
    if len(weight) == 1:  # for two classes: the second class's score minus the first's
        weight, bias = (np.concatenate((-part, part)) / 2 for part in (weight, bias))
    weight = weight / spread
    return Linear(_stored(weight), _stored(bias - weight @ mean))


def _stored(values: np.ndarray) -> np.ndarray:
    return values.astype(np.float16).astype(np.float32)
