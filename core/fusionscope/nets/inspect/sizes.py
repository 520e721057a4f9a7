"""Sizes: parameter counts, map shapes and receptive fields of a network, without its weights.

Everything runs on torch's meta device, which needs no memory, no weights and little time.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from fusionscope.base.records import InputError
from fusionscope.base.streams import LANES, STREAMS
from fusionscope.card import Card
from fusionscope.nets.network import Network
from fusionscope.nets.receptive_field import Field, Fields


@dataclass(frozen=True)
class Description:
    """Sizes of a network. ``parts`` add up to ``parameters``."""

    parameters: int
    parts: dict[str, int]  # spatial.relu1, fusion.relu5, ... -> number of weights and biases
    shapes: dict[str, tuple[int, ...]]  # spatial.relu1, fused.relu5, ... -> (T, C, h, w)
    fields: dict[str, Field]  # of the same maps, along the height
    operators: dict[str, str]  # place -> name in FUSIONS of the operator there


def describe(card: Card, size: tuple[int, int] | None = None) -> Description:
    """Compute the sizes of a network for frames of H x W pixels, by default the card's size.

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
        {place: network.operator(place).name for place in network.fusions},
    )


def _count(module: torch.nn.Module) -> int:
    return sum(value.numel() for value in module.parameters())
