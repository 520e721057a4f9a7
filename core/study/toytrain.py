"""Training on Toybox: networks on shared towers, the fusion first, then all that lies behind it.

The authors train no further down than the fusion layer (paper.md 5.6), so the towers' maps are made
once and each network takes minutes. A learned fusion, like the towers, starts from what it alone
can know: whose move is made in each cell, and, where it reaches over chunks, in which half.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from core.card import Card
from core.nets.network import Network
from core.nets.tower import Tower
from core.study.fitting import Batch, fit, start_afresh, tensor
from core.study.toydata import ToySet, label_of
from core.study.toytowers import STREAMS, Maps, Towers

_BATCH = 32


def train_network(
    card: Card, towers: Towers, maps: Maps, epochs: tuple[int, int], seed: int
) -> Network:
    """A network on the shared towers: ``epochs`` for the fusion on cells, then for the label.

    Every head has a softmax loss of its own, weight 1 each (paper section 3.4).
    """
    torch.manual_seed(seed)
    network = Network(card)
    for stream in STREAMS:
        own: Tower | None = getattr(network, stream)
        if own is not None:
            start_afresh(own)
            scores = own.stages["fc8"]
            nn.init.normal_(scores.weight, std=0.01)  # pyright: ignore[reportArgumentType]
            body = {k: v for k, v in towers[stream].state_dict().items() if ".fc" not in k}
            own.load_state_dict(body, strict=False)
            for name, stage in own.stages.items():
                stage.requires_grad_(name.startswith("fc"))
    network.train()
    for fusion in network.fusions.values():
        _train_fusion(fusion, card, maps, epochs[0], seed)

    def batches(random: np.random.Generator) -> Iterator[Batch]:
        for cells, motion, labels, _ in maps.draw(_BATCH, random):
            yield cells, motion, labels

    def loss(cells: Tensor, motion: Tensor, labels: Tensor) -> Tensor:
        heads = network.onward(cells, motion, after="relu5").logits.values()
        return torch.stack([functional.cross_entropy(head, labels) for head in heads]).sum()

    steps = maps.labels.shape[1] // _BATCH
    fit(network.parameters(), batches, loss, epochs=epochs[1], steps=steps, rate=1e-3, seed=seed)
    network.eval()
    return network.requires_grad_(False)


def _train_fusion(fusion: nn.Module, card: Card, maps: Maps, epochs: int, seed: int) -> None:
    """Let the first channels tell, cell by cell, whose move is made there, and when if they can.

    A channel that means one thing keeps its meaning when cells and chunks are max-pooled; one that
    takes part in many does not.
    """
    timed = card.fusion == "conv3d"
    count = maps.known.shape[3] // (1 if timed else 2)

    def batches(random: np.random.Generator) -> Iterator[Batch]:
        for cells, motion, _, known in maps.draw(_BATCH, random):
            yield cells, motion, known if timed else known.unflatten(2, (2, -1)).any(dim=2)

    def loss(cells: Tensor, motion: Tensor, known: Tensor) -> Tensor:
        found = fusion(cells, motion)[:, :, :count]
        return functional.binary_cross_entropy_with_logits(found, known.float())

    steps = maps.labels.shape[1] // _BATCH
    fit(fusion.parameters(), batches, loss, epochs=epochs, steps=steps, rate=3e-3, seed=seed)


@torch.inference_mode()
def accuracy(network: Network, data: ToySet) -> dict[str, float]:
    """Share of clips that each head, and their average, names rightly."""
    right: dict[str, int] = {}
    labels = torch.from_numpy(label_of(data.moves))
    for k in range(0, len(data), 50):
        rgb, flow = (tensor(part[k : k + 50]).float() for part in (data.rgb, data.flow))
        seen = network(rgb, flow)
        for head, logits in {**seen.logits, "average": seen.final}.items():
            hits = int((logits.argmax(1) == labels[k : k + 50]).sum())
            right[head] = right.get(head, 0) + hits
    if len(right) == 2:
        del right["average"]
    return {head: count / len(data) for head, count in right.items()}
