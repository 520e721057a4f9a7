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
    slow: Iterable[nn.Parameter] = (),
    slow_rate: float = 0.0,
) -> list[float]:
    """Minimise ``loss`` with AdamW and a one-cycle learning rate.

    Each of the ``epochs`` has ``steps`` batches. Computation is in float32: on CPUs the backward
    pass of bfloat16 convolutions is slower (measured: 0.5 to 15 times the time, by layer).

    Args:
        slow: parameters that are trained at ``slow_rate``; the others at ``rate``.

    Returns:
        The mean loss of each epoch.
    """
    if not epochs:
        return []
    random = np.random.default_rng(seed)
    patient = {id(parameter) for parameter in slow}
    learned = [parameter for parameter in parameters if parameter.requires_grad]
    groups = [
        {"params": part, "lr": speed}
        for part, speed in (
            ([p for p in learned if id(p) not in patient], rate),
            ([p for p in learned if id(p) in patient], slow_rate),
        )
        if part
    ]
    descent = torch.optim.AdamW(groups, rate, weight_decay=decay)
    cycle = torch.optim.lr_scheduler.OneCycleLR(
        descent, [group["lr"] for group in groups], total_steps=epochs * steps
    )
    curve = []
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
        curve.append(total / steps)
        log.info("epoch %d of %d: loss %.4f", epoch + 1, epochs, curve[-1])
    return curve


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
