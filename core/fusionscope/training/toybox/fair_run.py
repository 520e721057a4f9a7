"""Fair run: train one Toybox network by the protocol that is the same for every operator.

Every network starts from the same shared towers, whose stages up to relu4 stay as they are, or up
to the fusion if that is earlier. From there on everything learns, at one rate, except the towers'
stages before the fusion (relu5), which learn at a low rate: so channels may arrange themselves for
an operator without weights as they can for a filter. Every network has the same budget and the
same two losses:

* the label's, for each head;
* the *telling*: which ball makes which move, in each window of the map that the classifier
  receives, read by a linear layer that is thrown away after the training. The weight of this loss
  may be zero: the ladder without any telling.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from fusionscope.base.streams import STREAMS
from fusionscope.card import Card
from fusionscope.nets.network import Network, Seen
from fusionscope.nets.towers.tower import Tower
from fusionscope.training.fit_loop import Batch, fit
from fusionscope.training.toybox.scene_draw import scene_batches
from fusionscope.training.toybox.tower_maps import Maps
from fusionscope.training.toybox.towers import Towers, stand_on

EARLY = ("relu2", "relu3")  # fusions whose maps are cached there; all others: relu4's


@dataclass(frozen=True)
class Budget:
    """What every network of a ladder may spend, and at which rates it learns."""

    epochs: int = 24
    size: int = 16  # clips in a batch
    rate: float = 2e-3
    rate_of_unit_norm: float = 3e-2  # of a classifier of features of unit L2 norm (bilinear)
    slow_rate: float = 5e-4  # of the towers' relu5, where it precedes the fusion
    telling: float = 10.0  # weight of the telling; 0: none


@dataclass(frozen=True)
class FairRun:
    """A trained network, and the mean losses of each epoch."""

    network: Network
    label_loss: tuple[float, ...]  # summed over heads
    telling_loss: tuple[float, ...]  # binary cross-entropy; empty: nothing was told


def learns_from(card: Card) -> str:
    """The last stage that stays as the shared towers have it: relu4, or an earlier fusion."""
    first = card.places[0] if card.places else ""
    return first if first in EARLY else "relu4"


def told_map(seen: Seen) -> Tensor | None:
    """The fused map as the classifier receives it, (B, T, C, h, w): pool5, or what comes later.

    None: the streams are not fused before the scores.
    """
    for name in ("pool5", "fc6", "fc7", "relu5"):
        if name in seen.fused:
            return seen.fused[name]
    return None


def evidence_in(known: Tensor, chunks: int, grid: tuple[int, int]) -> Tensor:
    """The evidence (B, T, 16, 6, 6) in the windows of a coarser map, (B, T', 16, h, w), 0 or 1.

    pool5's windows are 3x3 cells, two apart, so it does not see the sixth row and column.
    """
    found = known.float().flatten(0, 1)
    if grid == (1, 1):
        found = found.amax(dim=(2, 3), keepdim=True)
    elif grid != tuple(found.shape[-2:]):
        found = functional.max_pool2d(found, 3, stride=2)
    found = found.unflatten(0, known.shape[:2])
    return found if chunks == known.shape[1] else found.amax(dim=1, keepdim=True)


def fair_run(card: Card, towers: Towers, maps: Maps, budget: Budget, seed: int) -> FairRun:
    """Train a network on the shared towers' maps at ``learns_from(card)``."""
    torch.manual_seed(seed)
    network = Network(card)
    place = learns_from(card)
    for stream in STREAMS:
        own: Tower | None = getattr(network, stream)
        if own is not None:
            stand_on(own, towers[stream], place)
    network.train()
    reader = _reader(network, maps, place) if budget.telling else None
    label_losses: list[float] = []
    telling_losses: list[float] = []

    def batches(random: np.random.Generator) -> Iterator[Batch]:
        yield from scene_batches(maps, card, budget.size, random)

    def loss(cells: Tensor, motion: Tensor, labels: Tensor, known: Tensor) -> Tensor:
        seen = network.onward(cells, motion, after=place)
        heads = seen.logits.values()
        total = torch.stack([functional.cross_entropy(head, labels) for head in heads]).sum()
        label_losses.append(total.item())
        fused = told_map(seen)
        if reader is not None and fused is not None:
            found = reader(fused.flatten(0, 1)).unflatten(0, fused.shape[:2])
            target = evidence_in(known, found.shape[1], (found.shape[3], found.shape[4]))
            told = functional.binary_cross_entropy_with_logits(found, target)
            telling_losses.append(told.item())
            total = total + budget.telling * told
        return total

    steps = maps.labels.shape[1] // budget.size
    small = any(network.operator(at).unit_norm for at in network.fusions)
    fit(
        [*network.parameters(), *(reader.parameters() if reader is not None else ())],
        batches,
        loss,
        epochs=budget.epochs,
        steps=steps,
        rate=budget.rate_of_unit_norm if small else budget.rate,
        seed=seed,
        slow=_slow(network, place),
        slow_rate=budget.slow_rate,
    )
    network.eval()
    return FairRun(
        network.requires_grad_(False), _means(label_losses, steps), _means(telling_losses, steps)
    )


def _means(values: list[float], steps: int) -> tuple[float, ...]:
    return tuple(float(np.mean(values[k : k + steps])) for k in range(0, len(values), steps))


def _slow(network: Network, place: str) -> list[nn.Parameter]:
    """The parameters of the towers' own stages up to relu5, where the fusion comes after them."""
    if place in EARLY or "relu4" in network.fusions:
        return []
    towers = [tower for tower in (network.spatial, network.temporal) if tower is not None]
    return [p for tower in towers for p in tower.stages["relu5"].parameters()]


@torch.no_grad()
def _reader(network: Network, maps: Maps, place: str) -> nn.Conv2d | None:
    """A linear layer from the told map's channels to the evidence; None: there is no such map."""
    cells, motion = (part[0, :1].float() for part in (maps.spatial, maps.temporal))
    fused = told_map(network.onward(cells, motion, after=place))
    return None if fused is None else nn.Conv2d(fused.shape[2], maps.known.shape[3], 1)
