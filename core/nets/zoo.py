"""Zoo: the trained networks that lie in ``checkpoints/``, a card beside its weights."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import nn

from core.card import Card, read_card, write_card
from core.nets.network import Network
from core.records import InputError

FOLDER = Path(__file__).parents[2] / "checkpoints"


def own_folder() -> Path:
    """Where a user's own models lie: FUSIONSCOPE_MODELS, or a folder in the cache."""
    named = os.environ.get("FUSIONSCOPE_MODELS")
    return Path(named or "~/.cache/fusionscope/models").expanduser()


def cards(folder: Path = FOLDER) -> dict[str, Card]:
    """Name -> card of every network in the folder; the default of the app comes first."""
    found = [read_card(path) for path in sorted(folder.glob("*.json"))]
    # The most complete network first: the fused before the single streams.
    found.sort(key=lambda card: (card.fusion is None, card.world != "toybox", card.name))
    return {card.name: card for card in found}


def card_named(name: str, folder: Path = FOLDER) -> Card:
    """The card of that name.

    Raises:
        InputError: there is none; says which there are.
    """
    known = cards(folder)
    if name not in known:
        raise InputError(f"there is no model {name!r}; there are {', '.join(known) or 'none'}")
    return known[name]


def device() -> torch.device:
    """CUDA where there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def load_network(card: Card, folder: Path = FOLDER) -> Network:
    """The card's network with its weights, in evaluation, frozen, channels last, on the device.

    Raises:
        InputError: the weights are missing, are not those of the card, or hold values not finite.
    """
    path = folder / f"{card.name}.safetensors"
    try:
        stored = path.read_bytes()
    except OSError as problem:
        raise InputError(f"the weights of {card.name} are missing: {path.name}") from problem
    found = hashlib.sha256(stored).hexdigest()
    if found != card.sha256:
        raise InputError(
            f"{path.name} is not the file that its card names: "
            f"sha256 {found[:12]}…, needed {card.sha256[:12]}…"
        )
    try:
        weights = {name: value.float() for name, value in load(stored).items()}
    except SafetensorError as problem:
        raise InputError(f"{path.name} cannot be read as safetensors: {problem}") from problem
    bad = [name for name, value in weights.items() if not torch.isfinite(value).all()]
    if bad:
        raise InputError(f"{path.name} holds values that are not finite, in {bad[0]}")
    with torch.device("meta"):
        network = Network(card)
    network = network.to_empty(device="cpu")
    try:
        network.load_state_dict(weights, strict=True)
    except RuntimeError as problem:
        first = str(problem).splitlines()[1].strip() if "\n" in str(problem) else str(problem)
        raise InputError(f"{path.name} does not fit its card: {first}") from problem
    network.rgb_mean = torch.tensor(card.rgb_mean)[:, None, None]
    return ready(network)


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
        name: value.detach().cpu().half().contiguous()
        for name, value in network.state_dict().items()
    }
    stored = save(weights)
    count = sum(value.numel() for value in network.parameters())
    card = dataclasses.replace(card, sha256=hashlib.sha256(stored).hexdigest(), parameters=count)
    _write_whole(folder / f"{card.name}.safetensors", stored)
    write_card(card, folder / f"{card.name}.json")
    return card


def _write_whole(path: Path, content: bytes) -> None:
    partial = path.with_suffix(".partial")
    partial.write_bytes(content)
    partial.replace(path)
