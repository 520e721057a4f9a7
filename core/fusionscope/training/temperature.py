"""Temperature: calibrate each head's confidence with one temperature.

A head's scores are divided by its temperature (Guo et al., "On Calibration of Modern Neural
Networks", ICML 2017), which is fitted on clips not used for training. Each head's predictions are
unchanged; in the average of the heads, each is then weighted by its calibrated confidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import nn

from fusionscope.data.clip_cache import Kept
from fusionscope.evaluation.statistics import fitted_temperature
from fusionscope.nets.network import Network
from fusionscope.training.validation import scores_on


def temperatures(network: Network, clips: Sequence[Kept]) -> dict[str, float]:
    """Fit a temperature for each head, on clips not used for training."""
    labels = np.array([network.card.labels.index(clip.item.label) for clip in clips])
    return {
        head: fitted_temperature(scores, labels)
        for head, scores in scores_on(network, clips).items()
    }


@torch.no_grad()
def cool(network: Network, found: Mapping[str, float]) -> None:
    """Divide the heads' scores by their temperatures, by scaling the classifiers' weights."""
    for head, temperature in found.items():
        tower = network.temporal if head == "temporal" else network.spatial
        if tower is None or head not in network.card.heads:
            raise ValueError(f"expected one of {network.card.heads}, got {head}")
        last = next(m for m in tower.stages["fc8"].modules() if isinstance(m, nn.Conv2d))
        for values in last.parameters():
            values /= temperature
