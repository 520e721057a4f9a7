"""Describe: how many weights a network has and what shapes it makes, without building it.

Everything runs on torch's meta device: no memory, no weights, no time.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from core.card import Card
from core.nets.network import Network


@dataclass(frozen=True)
class Description:
    """A network counted. ``parts`` add up to ``parameters``."""

    parameters: int
    parts: dict[str, int]  # spatial.relu1, fusion.relu5, ... -> weights and biases
    shapes: dict[str, tuple[int, ...]]  # spatial.relu1, fused.relu5, ... -> (T, C, h, w)


def describe(card: Card) -> Description:
    """Count a network and the maps it makes of frames of size x size.

    Raises:
        InputError: the card's parts do not fit together.
    """
    with torch.device("meta"):
        network = Network(card)
        rgb = torch.empty(1, card.chunks, 3, card.size, card.size)
        flow = torch.empty(1, card.chunks, 2 * card.stack, card.size, card.size)
        seen = network.eval()(rgb, flow)
    parts = {}
    for stream in ("spatial", "temporal"):
        tower = getattr(network, stream)
        if tower is not None:
            parts |= {f"{stream}.{name}": _count(stage) for name, stage in tower.stages.items()}
    parts |= {f"fusion.{place}": _count(operator) for place, operator in network.fusions.items()}
    shapes = {
        f"{stream}.{name}": tuple(cells.shape[1:])
        for stream in ("spatial", "temporal", "fused")
        for name, cells in getattr(seen, stream).items()
    }
    return Description(_count(network), {k: n for k, n in parts.items() if n}, shapes)


def _count(module: torch.nn.Module) -> int:
    return sum(value.numel() for value in module.parameters())
