"""Clip map: a 2-D map on which clips with similar features are close to each other."""

from __future__ import annotations

import numpy as np
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from threadpoolctl import threadpool_limits

from fusionscope.evaluation.answers import Answers
from fusionscope.explain.measures import probabilities

_COMPONENTS = 50
_FEW = 8  # below this number of clips, t-SNE is not used


def clip_map(features: np.ndarray) -> np.ndarray:
    """Place clips on a map by their features, (n, D) -> (n, 2); deterministic.

    50 principal components, then t-SNE (van der Maaten and Hinton, 2008), initialised with the
    first two. For few clips, the map is these two components. One thread is used, as another order
    of summation would give another map.
    """
    if len(features) < 3 or not np.ptp(features, axis=0).any():
        return np.zeros((len(features), 2))
    flat = np.asarray(features, float)
    centred = flat - flat.mean(axis=0)
    with threadpool_limits(1):
        most = min(_COMPONENTS, *centred.shape)
        found = PCA(most, svd_solver="full").fit_transform(centred)
        if len(flat) < _FEW or most < 2:
            return np.pad(found, ((0, 0), (0, max(0, 2 - most))))[:, :2]
        perplexity = min(30.0, (len(flat) - 1) / 3)
        return TSNE(perplexity=perplexity, init="pca", random_state=0).fit_transform(found)


def similar_mistakes(answers: Answers, row: int, count: int) -> list[int]:
    """A clip's row, and those of the incorrectly predicted clips most similar to it, nearest first.

    Similar: near on the map of clips; in a file without one, with similar probabilities.
    """
    wrong = np.flatnonzero(~answers.right & (np.arange(len(answers.labels)) != row))
    if answers.places is not None:
        places, own = answers.places[wrong], answers.places[row]
    else:
        places, own = probabilities(answers.scores[wrong]), probabilities(answers.scores[row])
    near = np.argsort(np.linalg.norm(places - own, axis=1), kind="stable")[:count]
    return [row, *wrong[near].tolist()]
