"""Loading: a card's network with its weights, ready for use, and networks written to disk."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import save
from torch import Tensor, nn

from core.card import Card, write_card
from core.draft import draft
from core.nets.adapter import Adapted, told
from core.nets.network import Network
from core.nets.state import state_digest
from core.nets.towers import load_imagenet
from core.nets.weights import weights_in
from core.nets.zoo import FOLDER, found, own_folder, parts_of, weights_path
from core.records import InputError


def device() -> torch.device:
    """CUDA where there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def load_network(card: Card, folder: Path | None = None) -> Network:
    """The card's network with its weights, in evaluation, frozen, channels last, on the device.

    Raises:
        InputError: the weights are missing, are not those of the card, or hold values not finite;
            or an adapter fails.
    """
    if folder is None:
        one = next((one for one in found() if one.card and one.name == card.name), None)
        if one and one.adapter:
            with told(card.title):
                return ready(Adapted(card, one.adapter.build(card)))
        folder = own_folder() if one and one.origin else FOLDER
    if not card.weights:
        weights = _own(card, folder)
    elif card.weights == "imagenet":
        return ready(blank(card))
    else:
        weights = _joined(card, folder)
    with torch.device("meta"):
        network = Network(card)
    network = network.to_empty(device="cpu")
    try:
        network.load_state_dict(weights, strict=True)
    except RuntimeError as problem:
        first = str(problem).splitlines()[1].strip() if "\n" in str(problem) else str(problem)
        first = first if len(first) < 150 else f"{first[:150]} …"
        raise InputError(f"the weights of {card.name} do not fit its card: {first}") from problem
    network.rgb_mean = torch.tensor(card.rgb_mean)[:, None, None]
    return ready(network)


def _own(card: Card, folder: Path) -> dict[str, Tensor]:
    """The weights of a network's own file."""
    path = weights_path(card, folder)
    try:
        stored = path.read_bytes()
    except OSError as problem:
        raise InputError(f"the weights of {card.name} cannot be read: {path.name}") from problem
    digest = hashlib.sha256(stored).hexdigest()
    if digest != card.sha256:
        raise InputError(
            f"{path.name} is not the file that its card names: "
            f"sha256 {digest[:12]}…, needed {card.sha256[:12]}…"
        )
    return weights_in(stored, path.name)


def _joined(card: Card, folder: Path) -> dict[str, Tensor]:
    """The weights of two networks of one stream each, side by side."""
    parts = parts_of(card, folder)
    if joined_digest(parts) != card.sha256:
        names = " and ".join(part.name for part, _ in parts)
        raise InputError(
            f"{card.name} was made of {names}, whose weights have changed since; "
            "needed: its card made again"
        )
    return {name: value for part in parts for name, value in _own(*part).items()}


def joined_digest(parts: Sequence[tuple[Card, Path]]) -> str:
    """What names the weights of several networks together."""
    return hashlib.sha256("".join(part.sha256 for part, _ in parts).encode()).hexdigest()


def blank(card: Card) -> Network:
    """Towers as ImageNet leaves them, a fusion at its start, a classifier that says nothing.

    Raises:
        InputError: the package with the weights is not installed, or the card names others.
    """
    network = Network(card)
    for tower, channels in ((network.spatial, 3), (network.temporal, 2 * card.stack)):
        if tower is None:
            continue
        load_imagenet(tower, channels)
        if "fc8" in tower.stages:
            for value in tower.stages["fc8"].parameters():
                nn.init.zeros_(value)
    if card.sha256 and state_digest(network) != card.sha256:
        raise InputError(
            f"the ImageNet weights that are installed are not those that {card.name} names"
        )
    return network


def ready(network: Network) -> Network:
    """Put a network to use: evaluation, frozen, channels last, on the device."""
    network.requires_grad_(False)
    return channels_last(network.eval().to(device()))


def channels_last(network: Network) -> Network:
    """Lay every 2-D filter out channels last, which is what CPUs and GPUs convolve fastest."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            module.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    return network


def save_network(network: Network, card: Card, folder: Path = FOLDER) -> Card:
    """Write weights in half precision, and the card that names them; return it complete."""
    weights = {
        name: (value.half() if value.is_floating_point() else value).detach().cpu().contiguous()
        for name, value in network.state_dict().items()
    }
    stored = save(weights)
    count = sum(value.numel() for value in network.parameters())
    card = dataclasses.replace(card, sha256=hashlib.sha256(stored).hexdigest(), parameters=count)
    with draft(folder / f"{card.name}.safetensors") as unfinished:
        unfinished.write_bytes(stored)
    write_card(card, folder / f"{card.name}.json")
    return card
