"""Beginnings: a network before it learns: towers from ImageNet or from a trained network."""

from __future__ import annotations

import torch
from torch import nn

from core.card import Card
from core.nets.loading import load_network
from core.nets.network import Network
from core.nets.towers import load_imagenet
from core.nets.zoo import card_named
from core.records import InputError
from core.streams import STREAMS
from core.study.plans import Plan


def begun(plan: Plan, card: Card) -> Network:
    """The plan's network for the card's classes, each tower with its first weights.

    A classifier starts normal with 0.01 (paper.md 5.4), or as that of the network that the tower
    is from; a fusion as its operator says.

    Raises:
        InputError: a network that a tower is to start from has no such tower.
    """
    torch.manual_seed(plan.seed)
    network = Network(card)
    for stream in STREAMS:
        tower = getattr(network, stream)
        if tower is None:
            continue
        fresh = tower.stages["fc8"] if "fc8" in tower.stages else nn.Sequential()
        for layer in fresh.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.normal_(layer.weight, std=0.01)
                nn.init.zeros_(layer.bias)  # pyright: ignore[reportArgumentType]
        source = getattr(plan, stream)
        if source == "imagenet":
            load_imagenet(tower, 3 if stream == "spatial" else 2 * card.stack)
        elif source:
            _take_over(tower, source, stream, card)
    return network


def _take_over(tower: nn.Module, source: str, stream: str, card: Card) -> None:
    """The stages of a trained network's tower that this one has too."""
    other = getattr(load_network(card_named(source)), stream, None)
    if other is None:
        raise InputError(f"{source} has no {stream} tower to start {card.name} from")
    theirs, own = other.state_dict(), tower.state_dict()
    for name, value in own.items():
        if name not in theirs or theirs[name].shape != value.shape:
            raise InputError(
                f"{card.name} cannot start from {source}: its {stream} tower differs at {name}"
            )
        value.copy_(theirs[name])
