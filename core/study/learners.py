"""Learners: which parts of a network learn, and how fast."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from torch import nn

from core.nets.network import Network
from core.streams import STREAMS
from core.study.plans import Plan


def _below(network: Network) -> Iterator[tuple[str, nn.Module]]:
    """The stages up to the last fusion of features, or all but the classifier without one."""
    last = next((p for p in reversed(network.card.places) if p != "fc8"), "")
    for stream in STREAMS:
        tower = getattr(network, stream)
        if tower is None:
            continue
        names = list(tower.stages)
        end = names.index(last) + 1 if last else len(names) - 1
        for name in names[:end]:
            yield f"{stream}.stages.{name}.", tower.stages[name]


def learning(network: Network, plan: Plan) -> None:
    """Put a network to learn; towers that are frozen, or told to, keep the statistics they have."""
    network.train()
    if not (plan.towers and plan.norms):
        for _, stage in _below(network):
            stage.eval()


def parameter_groups(network: Network, plan: Plan) -> list[dict[str, Any]]:
    """Weights by how fast they learn (towers or all else) and whether they decay (filters do)."""
    below = tuple(name for name, _ in _below(network))
    groups: dict[tuple[float, bool], list[nn.Parameter]] = {}
    for name, value in network.named_parameters():
        factor = plan.towers if name.startswith(below) else 1.0
        value.requires_grad_(factor > 0)
        if factor:
            groups.setdefault((factor, value.ndim > 1), []).append(value)
    return [
        {"params": values, "factor": factor, "weight_decay": plan.decay if filters else 0.0}
        for (factor, filters), values in groups.items()
    ]


def set_dropout(network: nn.Module, rate: float) -> None:
    """Let all dropouts drop this share."""
    for layer in network.modules():
        if isinstance(layer, nn.Dropout):
            layer.p = rate
