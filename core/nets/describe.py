"""Describe: how many weights a network has and what shapes it makes, without building it.

Everything runs on torch's meta device: no memory, no weights, no time.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from core.card import Card
from core.nets.fusion import FUSIONS
from core.nets.geometry import Field, Fields
from core.nets.network import Network
from core.records import InputError
from core.streams import LANES, STREAMS


@dataclass(frozen=True)
class Description:
    """A network counted. ``parts`` add up to ``parameters``."""

    parameters: int
    parts: dict[str, int]  # spatial.relu1, fusion.relu5, ... -> weights and biases
    shapes: dict[str, tuple[int, ...]]  # spatial.relu1, fused.relu5, ... -> (T, C, h, w)
    fields: dict[str, Field]  # of the same maps, along the height
    operators: dict[str, str]  # place -> the name in FUSIONS of what joins the streams there


def describe(card: Card, size: tuple[int, int] | None = None) -> Description:
    """Count a network and the maps it makes of frames of H x W pixels; without: the card's size.

    Raises:
        InputError: the card's parts do not fit together, or the frames are too small for them.
    """
    height, width = size or (card.size, card.size)
    with torch.device("meta"), torch.no_grad(), Fields() as fields:
        network = Network(card).eval()
        rgb = fields.begin(torch.empty(1, card.chunks, 3, height, width))
        flow = fields.begin(torch.empty(1, card.chunks, 2 * card.stack, height, width))
        try:
            seen = network(rgb, flow)
        except RuntimeError as problem:
            if "input size" not in str(problem) and "too small" not in str(problem):
                raise
            raise InputError(
                f"frames of {width}x{height} pixels are too small for {card.backbone}: {problem}"
            ) from problem
    parts = {}
    for stream in STREAMS:
        tower = getattr(network, stream)
        if tower is not None:
            parts |= {f"{stream}.{name}": _count(stage) for name, stage in tower.stages.items()}
    parts |= {f"fusion.{place}": _count(operator) for place, operator in network.fusions.items()}
    names: dict[type[torch.nn.Module], str] = {maker: name for name, maker in FUSIONS.items()}
    maps = {
        f"{stream}.{name}": cells
        for stream in LANES
        for name, cells in getattr(seen, stream).items()
    }
    return Description(
        _count(network),
        {part: count for part, count in parts.items() if count},
        {name: tuple(cells.shape[1:]) for name, cells in maps.items()},
        {name: fields.of(cells) for name, cells in maps.items()},
        {place: names[type(operator)] for place, operator in network.fusions.items()},
    )


def _count(module: torch.nn.Module) -> int:
    return sum(value.numel() for value in module.parameters())
