"""Parameter groups: learning rate, weight decay and training mode by part of a network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from fusionscope.base.streams import STREAMS
from fusionscope.nets.network import Network
from fusionscope.training.recipe import Recipe


def _below(network: Network) -> Iterator[tuple[str, nn.Module]]:
    """Yield the tower stages up to the last feature fusion; without one, all but the classifier."""
    last = next((p for p in reversed(network.card.places) if p != "fc8"), "")
    for stream in STREAMS:
        tower = getattr(network, stream)
        if tower is None:
            continue
        names = list(tower.stages)
        end = names.index(last) + 1 if last else len(names) - 1
        for name in names[:end]:
            yield f"{stream}.stages.{name}.", tower.stages[name]


def learning(network: Network, plan: Recipe) -> None:
    """Set training mode; towers keep batch-norm statistics if frozen or if ``norms`` is off."""
    network.train()
    if not (plan.towers and plan.norms):
        for _, stage in _below(network):
            stage.eval()


def parameter_groups(network: Network, plan: Recipe) -> list[dict[str, Any]]:
    """Group weights by learning rate (towers, biases, the rest) and weight decay (only filters)."""
    below = tuple(name for name, _ in _below(network))
    biases = {f"{name}.bias" for name, layer in network.named_modules() if _is_filter(layer)}
    groups: dict[tuple[float, bool], list[nn.Parameter]] = {}
    for name, value in network.named_parameters():
        factor = plan.towers if name.startswith(below) else 1.0
        factor *= plan.bias_rate if name in biases else 1.0
        value.requires_grad_(factor > 0)
        if factor:
            groups.setdefault((factor, value.ndim > 1), []).append(value)
    return [
        {"params": values, "factor": factor, "weight_decay": plan.decay if filters else 0.0}
        for (factor, filters), values in groups.items()
    ]


def build_optimiser(groups: list[dict[str, Any]], plan: Recipe) -> torch.optim.Optimizer:
    """The recipe's optimiser of these groups."""
    if plan.optimiser == "sgd":
        return torch.optim.SGD(groups, plan.rate, plan.momentum, weight_decay=plan.decay)
    return torch.optim.AdamW(groups, plan.rate, weight_decay=plan.decay)


def _is_filter(layer: nn.Module) -> bool:
    return isinstance(layer, (nn.Conv2d, nn.Conv3d, nn.Linear))


def set_dropout(network: nn.Module, rate: float) -> None:
    """Set the rate of all dropout layers."""
    for layer in network.modules():
        if isinstance(layer, nn.Dropout):
            layer.p = rate
