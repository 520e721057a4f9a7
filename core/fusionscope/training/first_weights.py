"""First weights: initialise a network's towers from ImageNet or from a trained network."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

from fusionscope.base.records import InputError
from fusionscope.card import Card
from fusionscope.nets.network import Network
from fusionscope.nets.store.catalogue import card_named
from fusionscope.nets.store.loading import load_network
from fusionscope.nets.towers.imagenet import (
    Download,
    imagenet_normalisation,
    imagenet_values,
    pending_download,
)
from fusionscope.nets.towers.tower import Tower
from fusionscope.nets.towers.tower_names import fitted_values
from fusionscope.training.recipe import Recipe

log = logging.getLogger(__name__)

Files = Mapping[str, Path]
"""Stream -> a file with its tower's ImageNet weights."""


@dataclass(frozen=True)
class Start:
    """First values of one tower's tensors, and its source's classifier if it has one."""

    source: str
    values: Mapping[str, Tensor]
    classifier: Mapping[str, Tensor] = field(default_factory=dict)
    labels: tuple[str, ...] = ()  # classes of that classifier


def imagenet_streams(plan: Recipe) -> list[str]:
    """The streams whose towers start from ImageNet."""
    if plan.card.weights:  # of other networks, or of ImageNet alone
        return [*plan.card.streams] if plan.card.weights == "imagenet" else []
    return [stream for stream in plan.card.streams if getattr(plan, stream) == "imagenet"]


def needed_downloads(plan: Recipe, files: Files) -> list[Download]:
    """The downloads that a recipe's ImageNet starts need."""
    towers = [getattr(plan.card, one) for one in imagenet_streams(plan) if one not in files]
    found = (pending_download(name) for name in dict.fromkeys(towers))
    return [one for one in found if one]


def read_starts(plan: Recipe, files: Files, folder: Path | None = None) -> dict[str, Start]:
    """Read the first weights of a recipe's towers, and check that they fit: stream -> start.

    Args:
        files: files of ImageNet weights, by stream; for the others, published weights are used.
        folder: where networks trained before are looked for first.

    Raises:
        InputError: weights are not available or do not fit the tower.
    """
    with torch.device("meta"):
        network = Network(plan.card)
    found = {}
    for stream in plan.card.streams:
        source = getattr(plan, stream)
        if not source:
            continue
        if source == "imagenet":
            one = _imagenet(getattr(plan.card, stream), files.get(stream))
            if stream == "spatial" and stream not in files:
                _compare_normalisation(plan.card)
        else:
            one = _trained(source, stream, folder)
        own = getattr(network, stream).state_dict()
        first = plan.card.places[0] if plan.card.places and stream == "spatial" else ""
        values = fitted_values(own, one.values, one.source, wider_after=first)
        found[stream] = Start(one.source, values, one.classifier, one.labels)
    return found


def initial_network(plan: Recipe, card: Card, starts: Mapping[str, Start]) -> Network:
    """Build the recipe's network for the card's classes, with initial weights.

    A classifier is initialised from a normal distribution of std 0.01 (paper.md 5.4), or taken from
    the tower's source network if that has the same classes; a fusion is initialised by its
    operator, and so is a layer that takes the channels of a concatenation.
    """
    torch.manual_seed(plan.seed)
    network = Network(card)
    for stream in card.streams:
        tower: Tower = getattr(network, stream)
        fresh = tower.stages["fc8"] if "fc8" in tower.stages else nn.Sequential()
        for layer in fresh.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.normal_(layer.weight, std=0.01)
                if layer.bias is not None:
                    nn.init.zeros_(layer.bias)
        if stream in starts:
            _begin(tower, starts[stream], stream, card)
    return network


@torch.no_grad()
def _begin(tower: Tower, start: Start, stream: str, card: Card) -> None:
    """Copy the first weights into a tower, and log which of its layers start anew."""
    own = tower.state_dict()
    last = {name for name in own if name.startswith("stages.fc8")}
    values = dict(start.values)
    if start.labels == card.labels and {name: own[name].shape for name in last} == {
        name: value.shape for name, value in start.classifier.items()
    }:
        values |= start.classifier
    elif start.labels and last:
        log.info(
            "the %s classifier starts anew: %s has %d classes, this data set has %d%s",
            stream,
            start.source,
            len(start.labels),
            len(card.labels),
            "" if len(start.labels) != len(card.labels) else " others",
        )
    for name, value in values.items():
        own[name].copy_(value)
    filters = (name for name in own if own[name].ndim == 4 and name not in values)
    anew = dict.fromkeys(name.split(".")[1] for name in filters if name not in last)
    log.info(
        "the %s tower starts from %s%s",
        stream,
        start.source,
        f"; starting anew: {', '.join(anew)}, which takes more channels" if anew else "",
    )


def _imagenet(tower: str, file: Path | None) -> Start:
    source = f"ImageNet weights of {tower}" + (f" in {file.name}" if file else "")
    return Start(source, imagenet_values(tower, file))


def _trained(source: str, stream: str, folder: Path | None) -> Start:
    """The tower of a trained network: one of this folder, else one of the catalogue."""
    here = folder if folder and (folder / f"{source}.json").is_file() else None
    card = card_named(source, here)
    tower = getattr(load_network(card, here), stream, None)
    if tower is None:
        raise InputError(f"{source} has no {stream} tower; needed: a network with one")
    state = {name: value.cpu() for name, value in tower.state_dict().items()}
    last = {name: value for name, value in state.items() if name.startswith("stages.fc8")}
    return Start(source, state, last, card.labels if last else ())


def _compare_normalisation(card: Card) -> None:
    """Log the input range that published weights of the spatial tower expect, if far from it."""
    known = imagenet_normalisation(card.spatial or "")
    if known is None:
        return
    mean, scale = known
    own = card.rgb_scale if isinstance(card.rgb_scale, tuple) else (card.rgb_scale,) * 3
    if all(0.5 < one / other < 2 for one, other in zip(own, scale, strict=True)):
        return
    shown = (", ".join(f"{value:.2f}" for value in values) for values in (mean, scale))
    log.warning(
        "the ImageNet weights of %s expect rgb_mean = [%s] and rgb_scale = [%s]; the recipe has "
        "rgb_scale = %s",
        card.spatial, *shown, card.rgb_scale,
    )  # fmt: skip
