"""Places: a map of clips, on which those lie near each other whose features are alike."""

from __future__ import annotations

import numpy as np
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from threadpoolctl import threadpool_limits

_COMPONENTS = 50
_FEW = 8  # clips of which t-SNE makes no map


def places(features: np.ndarray) -> np.ndarray:
    """(n, D) features -> (n, 2), the same for the same features.

    50 principal components, then t-SNE (van der Maaten and Hinton, 2008), which starts from the
    first two. A map of few clips is those two. On one thread: sums in another order would end in
    another map.
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
