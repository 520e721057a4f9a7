"""Fit loop: the training loop for Toybox, and the initialisation of new layers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator

import numpy as np
import torch
from torch import Tensor, nn

log = logging.getLogger(__name__)

Batch = tuple[Tensor, ...]


def fit(
    parameters: Iterable[nn.Parameter],
    batches: Callable[[np.random.Generator], Iterator[Batch]],
    loss: Callable[..., Tensor],
    *,
    epochs: int,
    steps: int,
    rate: float,
    seed: int,
    decay: float = 1e-4,
) -> None:
    """Minimise ``loss`` with AdamW and a one-cycle learning rate.

    Each of the ``epochs`` has ``steps`` batches. Computation is in float32: on CPUs the backward
    pass of bfloat16 convolutions is slower (measured: 0.5 to 15 times the time, by layer).
    """
    if not epochs:
        return
    random = np.random.default_rng(seed)
    learned = [parameter for parameter in parameters if parameter.requires_grad]
    descent = torch.optim.AdamW(learned, rate, weight_decay=decay)
    cycle = torch.optim.lr_scheduler.OneCycleLR(descent, rate, total_steps=epochs * steps)
    for epoch in range(epochs):
        total = 0.0
        for batch in batches(random):
            value = loss(*batch)
            descent.zero_grad()
            value.backward()
            nn.utils.clip_grad_norm_(learned, 1.0)
            descent.step()
            cycle.step()
            total += value.item()
        log.info("epoch %d of %d: loss %.4f", epoch + 1, epochs, total / steps)


def start_afresh(module: nn.Module) -> None:
    """Initialise layers that are followed by a ReLU (He et al. 2015)."""
    for layer in module.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


def tensor(values: np.ndarray) -> Tensor:
    """Convert an array to a contiguous tensor."""
    return torch.from_numpy(np.ascontiguousarray(values))
