"""Same weights: the stages up to which two networks compute the same.

Only weights are compared, not descriptions of the training. A stream is shared if both networks use
the same kind of tower and input normalisation, and all weights are equal.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from fusionscope.card import Card
from fusionscope.nets.network import Network


@dataclass(frozen=True)
class SharedWeights:
    """The last stage of each stream up to which both networks are equal; empty: none."""

    spatial: str
    temporal: str
    towers: bool  # both streams are equal up to the first fusion of either network


def shared_weights(first: Network, second: Network) -> SharedWeights:
    """Compare the streams of two networks up to the first fusion of either."""
    spatial, all_spatial = _common(first, second, "spatial")
    temporal, all_temporal = _common(first, second, "temporal")
    return SharedWeights(spatial, temporal, all_spatial and all_temporal)


def _common(first: Network, second: Network, stream: str) -> tuple[str, bool]:
    """The last stage with equal weights, and whether the stream is equal up to the fusion."""
    towers = getattr(first, stream), getattr(second, stream)
    if None in towers or _entry(first.card, stream) != _entry(second.card, stream):
        return "", False
    last = ""
    for name, other in zip(*(tower.stages for tower in towers), strict=False):
        pair = [tower.stages[name] for tower in towers] if name == other else []
        if not pair or not _equal(*pair):
            return last, False
        last = name if pair[0].state_dict() else last
        if name in first.fusions or name in second.fusions:
            return last, True
    return last, len(towers[0].stages) == len(towers[1].stages)


def _entry(card: Card, stream: str) -> tuple[object, ...]:
    """The kind of tower and its input normalisation."""
    if stream == "spatial":
        return card.spatial, card.rgb_mean, card.rgb_scale
    return card.temporal, card.flow_mean, card.flow_scale


def _equal(one: nn.Module, other: nn.Module) -> bool:
    mine, theirs = one.state_dict(), other.state_dict()
    return mine.keys() == theirs.keys() and all(
        value.shape == theirs[name].shape and torch.equal(value, theirs[name].to(value.device))
        for name, value in mine.items()
    )
