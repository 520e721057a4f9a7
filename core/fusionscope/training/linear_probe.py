"""Linear probe: initialise a network's classifier by logistic regression on its features.

Fine-tuning from a probe distorts the pretrained features less than from a random classifier (Kumar
et al., "Fine-Tuning can Distort Pretrained Features and Underperform Out-of-Distribution", ICLR
2022).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from torch import nn

from fusionscope.base.records import InputError
from fusionscope.data.clip_cache import Kept
from fusionscope.nets.network import Network
from fusionscope.trace import network_inputs
from fusionscope.training.validation import snippets_of
from fusionscope.video.snippets import mirrored


@torch.no_grad()
def start_from_probe(network: Network, clips: Sequence[Kept], c: float) -> None:
    """Fit the classifier of a single-stream network in place, on clips as used in inference.

    Each clip is used as it is and mirrored.

    Args:
        c: the inverse regularisation strength, for features of mean 0 and variance 1.

    Raises:
        InputError: all clips have the same class.
    """
    tower = network.spatial or network.temporal
    if tower is None or (network.spatial and network.temporal):
        raise ValueError("expected a network of one stream")
    labels = [clip.item.label for clip in clips]
    if len(set(labels)) < 2:
        raise InputError(
            f"all training clips have the class {labels[0]}; needed: at least two classes"
        )
    network.eval()
    rows = []
    shown = (snippets_of(clip, network.card) for clip in clips)
    for snippets in (way for one in shown for way in (one, mirrored(one))):
        seen = network(*network_inputs(network, snippets))
        rows.append(seen.before_scores[0].mean(dim=(-2, -1)).cpu().numpy())  # (T, D)
    features = np.stack(rows)
    mean, spread = features.mean(axis=(0, 1)), features.std(axis=(0, 1)) + 1e-6
    classes = np.array([network.card.labels.index(label) for label in labels]).repeat(2)
    flat = ((features - mean) / spread).mean(axis=1)
    found = LogisticRegression(C=c, max_iter=1000).fit(flat, classes)
    coefficients, biases = found.coef_, found.intercept_
    if len(coefficients) == 1:  # for two classes: the second class's score minus the first's
        coefficients = np.concatenate((-coefficients, coefficients)) / 2
        biases = np.concatenate((-biases, biases)) / 2
    last = next(m for m in tower.stages["fc8"].modules() if isinstance(m, nn.Conv2d))
    weight = np.zeros(last.weight.shape[:2])
    bias = np.full(len(weight), -10.0)  # a class without clips is never predicted
    weight[found.classes_] = coefficients / spread
    bias[found.classes_] = biases - (coefficients * mean / spread).sum(axis=1)
    last.weight.copy_(torch.from_numpy(weight)[..., None, None])
    last.get_parameter("bias").copy_(torch.from_numpy(bias))
