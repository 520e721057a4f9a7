"""Loading: load a card's network with its weights for inference; save networks to disk."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import save
from torch import Tensor, nn

from fusionscope.base.atomic_file import atomic_write
from fusionscope.base.records import InputError
from fusionscope.card import Card, write_card
from fusionscope.nets.module_state import state_digest
from fusionscope.nets.network import Network
from fusionscope.nets.store.adapted import Adapted
from fusionscope.nets.store.adapter import as_input_error
from fusionscope.nets.store.catalogue import (
    FOLDER,
    CatalogueEntry,
    card_named,
    networks,
    parts_of,
    weights_path,
)
from fusionscope.nets.store.weight_files import weights_in
from fusionscope.nets.store.weight_names import fitted
from fusionscope.nets.towers.imagenet import load_imagenet


def device() -> torch.device:
    """CUDA if available, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def load_network(
    card: Card | str, folder: Path | None = None, entry: CatalogueEntry | None = None
) -> Network:
    """Load a network with its weights: evaluation mode, frozen, channels last, on the device.

    The device is the GPU where there is one, else the CPU.

    Args:
        card: a card, or a name that ``fusionscope.networks()`` lists.
        folder: where card and weights are; None: where the catalogue finds the name.
        entry: the catalogue entry, if it is known; saves looking it up again.

    Raises:
        InputError: there is no such network; the weights are missing, do not match the card, or
            contain values that are not finite; or an adapter fails.
    """
    if isinstance(card, str):
        card = card_named(card, folder)
    if folder is None:
        entry = entry or _found(card)
        if entry and entry.adapter:
            with as_input_error(card.title):
                return prepared_for_inference(Adapted(card, entry.adapter.build(card)))
        folder = entry.folder if entry and entry.folder else FOLDER
    if not card.weights:
        weights = _own(card, folder)
    elif card.weights == "imagenet":
        return prepared_for_inference(untrained_network(card))
    else:
        weights = _joined(card, folder)
    with torch.device("meta"):
        network = Network(card)
    own = network.state_dict()
    found = fitted(weights, own, card.name)
    cast = {name: value.to(own[name].dtype) for name, value in found.items()}
    network.load_state_dict(cast, strict=True, assign=True)
    network.rgb_mean = torch.tensor(card.rgb_mean)[:, None, None]
    return prepared_for_inference(network)


def _found(card: Card) -> CatalogueEntry | None:
    return next((one for one in networks() if one.card and one.name == card.name), None)


def _own(card: Card, folder: Path) -> dict[str, Tensor]:
    """Read the weights from a network's own file."""
    path = weights_path(card, folder)
    try:
        stored = path.read_bytes()
    except OSError as problem:
        raise InputError(f"the weights of {card.name} cannot be read: {path.name}") from problem
    digest = hashlib.sha256(stored).hexdigest()
    if digest != card.sha256:
        raise InputError(
            f"{path.name} does not match its card: "
            f"sha256 {digest[:12]}…, needed {card.sha256[:12]}…"
        )
    return weights_in(stored, path.name)


def _joined(card: Card, folder: Path) -> dict[str, Tensor]:
    """Read the weights of two single-stream networks and combine them."""
    parts = parts_of(card, folder)
    if joined_digest(parts) != card.sha256:
        names = " and ".join(part.name for part, _ in parts)
        raise InputError(
            f"{card.name} was made from {names}, whose weights have changed since; "
            "create its card again"
        )
    return {name: value for part in parts for name, value in _own(*part).items()}


def joined_digest(parts: Sequence[tuple[Card, Path]]) -> str:
    """Compute one digest for the weights of several networks."""
    return hashlib.sha256("".join(part.sha256 for part, _ in parts).encode()).hexdigest()


def untrained_network(card: Card) -> Network:
    """Build a network with ImageNet towers, an initialised fusion and a classifier of zeros.

    Raises:
        InputError: the weights are not available, or do not match the card.
    """
    network = Network(card)
    for tower, name in ((network.spatial, card.spatial), (network.temporal, card.temporal)):
        if tower is None:
            continue
        load_imagenet(tower, name or "")
        if "fc8" in tower.stages:
            for value in tower.stages["fc8"].parameters():
                nn.init.zeros_(value)
    if card.sha256 and state_digest(network) != card.sha256:
        raise InputError(f"the installed ImageNet weights do not match the card of {card.name}")
    return network


def prepared_for_inference(network: Network) -> Network:
    """Prepare a network for inference: evaluation mode, frozen, channels last, on the device."""
    network.requires_grad_(False)
    return channels_last(network.eval().to(device()))


def channels_last(network: Network) -> Network:
    """Store every 2-D filter channels last, the fastest layout on CPUs and GPUs."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            module.to(memory_format=torch.channels_last)
    return network


def save_network(network: Network, card: Card, folder: Path = FOLDER) -> Card:
    """Write weights in half precision and their card; return the completed card."""
    weights = {
        name: (value.half() if value.is_floating_point() else value).detach().cpu().contiguous()
        for name, value in network.state_dict().items()
    }
    stored = save(weights)
    count = sum(value.numel() for value in network.parameters())
    card = dataclasses.replace(card, sha256=hashlib.sha256(stored).hexdigest(), parameters=count)
    with atomic_write(folder / f"{card.name}.safetensors") as unfinished:
        unfinished.write_bytes(stored)
    write_card(card, folder / f"{card.name}.json")
    return card
