"""Kinship: how far two networks compute the same, read from their weights and from nothing else.

What is said of how they were trained is not asked. A stream is the same in both where the tower is
of one kind, its input is made ready alike, and every weight is equal.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from core.card import Card
from core.nets.network import Network


@dataclass(frozen=True)
class Kinship:
    """The last stage, from the input on, up to which a stream is the same in both; empty: none."""

    spatial: str
    temporal: str
    towers: bool  # both streams are the same as far as the first fusion of either network


def kinship(first: Network, second: Network) -> Kinship:
    """Compare the streams of two networks up to where either of them first fuses."""
    spatial, all_spatial = _common(first, second, "spatial")
    temporal, all_temporal = _common(first, second, "temporal")
    return Kinship(spatial, temporal, all_spatial and all_temporal)


def _common(first: Network, second: Network, stream: str) -> tuple[str, bool]:
    """The last stage with weights that both have alike, and whether that is all that counts."""
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
    """The kind of tower, and how its input is made ready."""
    if stream == "spatial":
        return card.spatial, card.rgb_mean, card.rgb_scale
    return card.temporal, card.flow_mean, card.flow_scale


def _equal(one: nn.Module, other: nn.Module) -> bool:
    mine, theirs = one.state_dict(), other.state_dict()
    return mine.keys() == theirs.keys() and all(
        value.shape == theirs[name].shape and torch.equal(value, theirs[name].to(value.device))
        for name, value in mine.items()
    )
