"""Training on Toybox: networks on shared towers, the fusion first, then all that lies behind it.

The authors train no further down than the fusion layer (paper.md 5.6), so the towers' maps are made
once and each network takes minutes. What is learned between the towers and pool5 (a fusion with
weights, and the stages behind one that lies further down), like the towers, starts from what it
alone can know: whose move is made in each cell, and, where it reaches over chunks, in which half.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from core.card import Card
from core.explain.registration import Displacement
from core.nets.fusion import LEARNED
from core.nets.network import Network
from core.nets.tower import Tower
from core.streams import STREAMS
from core.study.fitting import Batch, fit, start_afresh
from core.study.toymaps import Maps
from core.study.toytowers import Towers

_BATCH = 32
_RATES = {"bilinear": 3e-2}
"""Of a classifier of C^2 numbers with a norm of 1 all together, as Lin et al. 2015; else 1e-3."""


def trained_from(card: Card) -> str:
    """The place whose maps a network is trained on: its first fusion, at the latest relu5."""
    first = card.places[0] if card.places else "relu5"
    return first if first.startswith("relu") else "relu5"


def train_network(
    card: Card, towers: Towers, maps: Maps, epochs: tuple[int, int], seed: int
) -> Network:
    """A network on the shared towers: ``epochs`` for the fusion on cells, then for the label.

    Every head has a softmax loss of its own, weight 1 each (paper section 3.4).
    """
    torch.manual_seed(seed)
    network = Network(card)
    place = trained_from(card)
    for stream in STREAMS:
        own: Tower | None = getattr(network, stream)
        if own is not None:
            _stand_on(own, towers[stream], place)
    network.train()
    if card.fusion in LEARNED and place in card.places:
        _train_fusion(network, place, maps, epochs[0], seed)

    def batches(random: np.random.Generator) -> Iterator[Batch]:
        for cells, motion, labels, _ in maps.draw(_BATCH, random):
            yield cells, motion, labels

    def loss(cells: Tensor, motion: Tensor, labels: Tensor) -> Tensor:
        heads = network.onward(cells, motion, after=place).logits.values()
        return torch.stack([functional.cross_entropy(head, labels) for head in heads]).sum()

    steps = maps.labels.shape[1] // _BATCH
    rate = _RATES.get(card.fusion or "", 1e-3)
    fit(network.parameters(), batches, loss, epochs=epochs[1], steps=steps, rate=rate, seed=seed)
    network.eval()
    return network.requires_grad_(False)


def stream_alone(network: Network, card: Card) -> Network:
    """One stream of two that never meet, as a network of its own."""
    alone, weights = Network(card), network.state_dict()
    alone.load_state_dict({name: weights[name] for name in alone.state_dict()})
    return alone.eval().requires_grad_(False)


def _stand_on(own: Tower, shared: Tower, place: str) -> None:
    """Take over a shared tower's stages up to relu5; what lies behind a place is trained on."""
    start_afresh(own)
    if "fc8" in own.stages:
        nn.init.normal_(own.stages["fc8"].weight, std=0.01)  # pyright: ignore[reportArgumentType]
    body = {k: v for k, v in shared.state_dict().items() if ".fc" not in k}
    own.load_state_dict(body, strict=False)
    names = list(own.stages)
    for number, name in enumerate(names):
        own.stages[name].requires_grad_(number > names.index(place))


def _train_fusion(network: Network, place: str, maps: Maps, epochs: int, seed: int) -> None:
    """Let the first channels of the last map before pool5 tell whose move is made, and when.

    A channel that means one thing keeps its meaning when cells and chunks are max-pooled; one that
    takes part in many does not.
    """
    timed = network.card.fusion == "conv3d"
    count = maps.known.shape[3] // (1 if timed else 2)

    def batches(random: np.random.Generator) -> Iterator[Batch]:
        for cells, motion, _, known in maps.draw(_BATCH, random):
            yield cells, motion, known if timed else known.unflatten(2, (2, -1)).any(dim=2)

    def loss(cells: Tensor, motion: Tensor, known: Tensor) -> Tensor:
        found = _before_the_last_relu(network, place, cells, motion)[:, :, :count]
        return functional.binary_cross_entropy_with_logits(found, known.float())

    steps = maps.labels.shape[1] // _BATCH
    learned = [*network.fusions[place].parameters()]
    if network.spatial is not None:
        learned += [p for name, p in network.spatial.stages.named_parameters() if "relu" in name]
    fit(learned, batches, loss, epochs=epochs, steps=steps, rate=3e-3, seed=seed)


def _before_the_last_relu(network: Network, place: str, cells: Tensor, motion: Tensor) -> Tensor:
    """The fused map that goes into pool5, (B, T, C, h, w), before its ReLU."""
    found = network.fusions[place](cells, motion)
    if network.spatial is None or place == "relu5":
        return found
    names = list(network.spatial.stages)
    layers = [
        layer
        for name in names[names.index(place) + 1 : names.index("relu5") + 1]
        for layer in network.spatial.stages[name].modules()
        if not isinstance(layer, nn.Sequential)
    ]
    behind = nn.Sequential(*layers[:-1])
    return behind(found.relu().flatten(0, 1)).unflatten(0, found.shape[:2])


@torch.inference_mode()
def accuracy(network: Network, maps: Maps, move: Displacement | None = None) -> dict[str, float]:
    """Share of clips that each head, and their average, names rightly, in the first turn of maps.

    The maps are those of the place that the network was trained from; ``move`` displaces motion
    against appearance there.
    """
    right: dict[str, int] = {}
    labels, place = maps.labels[0], trained_from(network.card)

    def meet(at: str, cells: Tensor, motion: Tensor) -> Tensor:
        moved = move.of(motion) if move and at == place else motion
        return network.fuse(at, cells, moved)

    for k in range(0, len(labels), 50):
        cells, motion = (part[0, k : k + 50].float() for part in (maps.spatial, maps.temporal))
        seen = network.onward(cells, motion, after=place, meet=meet)
        for head, logits in seen.decisions.items():
            hits = int((logits.argmax(1) == labels[k : k + 50]).sum())
            right[head] = right.get(head, 0) + hits
    return {head: count / len(labels) for head, count in right.items()}


def by_shift(network: Network, maps: Maps) -> tuple[float, ...]:
    """Accuracy of the fused head with motion moved 0, 1, ... cells to the right.

    Empty where the streams do not meet on the maps' grid.
    """
    if trained_from(network.card) not in network.card.places:
        return ()
    moves = (Displacement(right=cells) for cells in range(maps.temporal.shape[-1]))
    return tuple(accuracy(network, maps, move)["spatiotemporal"] for move in moves)
