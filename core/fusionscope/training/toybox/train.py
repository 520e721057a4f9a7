"""Train on Toybox: train networks on shared towers, first the fusion, then all stages after it.

The authors do not train stages before the fusion layer (paper.md 5.6), so the towers' maps are
computed once and each network takes minutes. The parts between the towers and pool5 (a fusion with
weights, and the stages after an early fusion) are pretrained like the towers, on the evidence they
can use: which ball makes which move in each cell, and, if the filter spans chunks, in which half.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from fusionscope.base.streams import STREAMS
from fusionscope.card import Card
from fusionscope.explain.fusion.misregistration import Displacement
from fusionscope.nets.network import Network
from fusionscope.nets.towers.tower import Tower
from fusionscope.training.fit_loop import Batch, fit
from fusionscope.training.toybox.tower_maps import Maps
from fusionscope.training.toybox.towers import Towers, stand_on

_BATCH = 32
_RATE, _RATE_OF_UNIT_NORM = 1e-3, 3e-2
"""Learning rates; the second is for features of unit L2 norm (bilinear; Lin et al. 2015)."""


def trained_from(card: Card) -> str:
    """The stage whose maps a network is trained on: its first fusion, or relu5 if earlier."""
    first = card.places[0] if card.places else "relu5"
    return first if first.startswith("relu") else "relu5"


def train_network(
    card: Card, towers: Towers, maps: Maps, epochs: tuple[int, int], seed: int
) -> Network:
    """Train a network on the shared towers: ``epochs`` for the fusion on cells, then for the label.

    Each head has its own softmax loss with weight 1 (paper section 3.4).
    """
    torch.manual_seed(seed)
    network = Network(card)
    place = trained_from(card)
    for stream in STREAMS:
        own: Tower | None = getattr(network, stream)
        if own is not None:
            stand_on(own, towers[stream], place)
    network.train()
    if place in card.places and network.operator(place).learned:
        _train_fusion(network, place, maps, epochs[0], seed)

    def batches(random: np.random.Generator) -> Iterator[Batch]:
        for cells, motion, labels, _ in maps.draw(_BATCH, random):
            yield cells, motion, labels

    def loss(cells: Tensor, motion: Tensor, labels: Tensor) -> Tensor:
        heads = network.onward(cells, motion, after=place).logits.values()
        return torch.stack([functional.cross_entropy(head, labels) for head in heads]).sum()

    steps = maps.labels.shape[1] // _BATCH
    small = any(network.operator(at).unit_norm for at in network.fusions)
    rate = _RATE_OF_UNIT_NORM if small else _RATE
    fit(network.parameters(), batches, loss, epochs=epochs[1], steps=steps, rate=rate, seed=seed)
    network.eval()
    return network.requires_grad_(False)


def stream_alone(network: Network, card: Card) -> Network:
    """Extract one stream of a late-fusion network as a separate network."""
    alone, weights = Network(card), network.state_dict()
    alone.load_state_dict({name: weights[name] for name in alone.state_dict()})
    return alone.eval().requires_grad_(False)


def _train_fusion(network: Network, place: str, maps: Maps, epochs: int, seed: int) -> None:
    """Pretrain the last map before pool5: its first channels predict the ball, its move and half.

    A channel with a single meaning keeps it when cells and chunks are max-pooled; a channel with
    several meanings does not.
    """
    timed = network.operator(place).knows_order()
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
    """The pre-activation of the fused map before pool5, (B, T, C, h, w)."""
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
    rest = nn.Sequential(*layers[:-1])
    return rest(found.relu().flatten(0, 1)).unflatten(0, found.shape[:2])


@torch.inference_mode()
def accuracy(
    network: Network, maps: Maps, move: Displacement | None = None, after: str = ""
) -> dict[str, float]:
    """Accuracy of each head and of their average, in the first orientation of the maps.

    Args:
        move: shifts motion relative to appearance at the first fusion.
        after: the stage of the maps; empty: ``trained_from(network.card)``.
    """
    right: dict[str, int] = {}
    labels, place = maps.labels[0], trained_from(network.card)

    def meet(at: str, cells: Tensor, motion: Tensor) -> Tensor:
        moved = move.of(motion) if move and at == place else motion
        return network.fuse(at, cells, moved)

    for k in range(0, len(labels), 50):
        cells, motion = (part[0, k : k + 50].float() for part in (maps.spatial, maps.temporal))
        seen = network.onward(cells, motion, after=after or place, meet=meet)
        for head, logits in seen.decisions.items():
            hits = int((logits.argmax(1) == labels[k : k + 50]).sum())
            right[head] = right.get(head, 0) + hits
    return {head: count / len(labels) for head, count in right.items()}


def by_shift(network: Network, maps: Maps, after: str = "") -> tuple[float, ...]:
    """Accuracy of the fused head with motion shifted right by 0, 1, ... cells.

    Empty if the streams are not fused on the maps' grid.
    """
    if trained_from(network.card) not in network.card.places:
        return ()
    moves = (Displacement(right=cells) for cells in range(maps.temporal.shape[-1]))
    return tuple(accuracy(network, maps, move, after)["spatiotemporal"] for move in moves)
