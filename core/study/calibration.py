"""Calibration: heads that are as sure as they are right, by one temperature each.

A head's scores are divided by its temperature (Guo et al., "On Calibration of Modern Neural
Networks", ICML 2017), which is fitted on clips that it did not learn from. What the head says stays
as it was; the average of the heads then listens to each as far as it deserves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp
from torch import nn

from core.nets.network import Network
from core.study.clipstore import Kept
from core.study.watching import scores_on

_FARTHEST = 4.0  # of the logarithm: temperatures from 1/55 to 55


def fitted_temperature(scores: np.ndarray, labels: np.ndarray) -> float:
    """(n, K) scores and (n,) true classes -> the temperature under which the truth is likeliest."""

    def surprise(cold: float) -> float:
        cooled = scores * np.exp(cold)
        return float(np.mean(logsumexp(cooled, axis=1) - cooled[np.arange(len(labels)), labels]))

    found = minimize_scalar(surprise, bounds=(-_FARTHEST, _FARTHEST), method="bounded")
    return float(np.exp(-found.x))  # pyright: ignore[reportAttributeAccessIssue]


def temperatures(network: Network, clips: Sequence[Kept]) -> dict[str, float]:
    """Head -> its temperature on clips that it did not learn from."""
    labels = np.array([network.card.labels.index(clip.item.label) for clip in clips])
    return {
        head: fitted_temperature(scores, labels)
        for head, scores in scores_on(network, clips).items()
    }


@torch.no_grad()
def cool(network: Network, found: Mapping[str, float]) -> None:
    """Divide the scores of heads by their temperatures, in the weights that make them."""
    for head, temperature in found.items():
        tower = network.temporal if head == "temporal" else network.spatial
        if tower is None or head not in network.card.heads:
            raise ValueError(f"expected one of {network.card.heads}, got {head}")
        last = next(m for m in tower.stages["fc8"].modules() if isinstance(m, nn.Conv2d))
        for values in last.parameters():
            values /= temperature
