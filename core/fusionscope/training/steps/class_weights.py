"""Class weights: give rare classes the same share of the loss as frequent ones."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def class_weights(classes: Sequence[int], count: int) -> Tensor:
    """Weights (K,) of K = ``count`` classes: inverse to their frequency, 1 on average over clips.

    Args:
        classes: the class of each training clip. A class without clips gets the weight 0.
    """
    found = torch.bincount(torch.tensor(classes), minlength=count).float()
    present = int((found > 0).sum())
    return torch.where(found > 0, len(classes) / (present * found.clamp(min=1)), 0.0)
