"""Scene draw: batches in random orientations, with scenes exchanged within and between the halves.

A Toybox clip consists of five scenes that are drawn independently; each chunk shows one of them.
Both scenes of a half show the same moves, and both halves have the same structure. Exchanging the
two scenes of a half, or the halves with their moves, therefore gives another clip of the same world
with known label, without rendering it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from fusionscope.card import Card
from fusionscope.data.toybox.world import LABELS
from fusionscope.training.fit_loop import Batch
from fusionscope.training.toybox.tower_maps import Maps
from fusionscope.training.toybox.training_set import halves

EVIDENCE = 8  # two balls x four moves, as in ``movers``


def swapped_label() -> Tensor:
    """(12,) the class of a clip whose halves are exchanged, by the class of the clip."""
    return torch.tensor([LABELS.index(", then ".join(x.split(", then ")[::-1])) for x in LABELS])


def scene_orders(card: Card) -> tuple[Tensor, Tensor]:
    """All orders of the chunks that give a clip of the same world.

    Returns:
        ``(orders, exchanged)``: (n, T) chunk indices, and (n,) bool, whether the halves change
        places.
    """
    of = halves(card)
    first, second = ([k for k, half in enumerate(of) if half == h] for h in (0, 1))
    orders, exchanged = [], []
    for exchange in (False, True):
        one, two = (second, first) if exchange else (first, second)
        for a in (one, one[::-1]):
            for b in (two, two[::-1]):
                order = list(range(card.chunks))
                for at, chunk in zip(first + second, a + b, strict=True):
                    order[at] = chunk
                orders.append(order)
                exchanged.append(exchange)
    return torch.tensor(orders), torch.tensor(exchanged)


def scene_batches(
    maps: Maps, card: Card, size: int, random: np.random.Generator
) -> Iterator[Batch]:
    """Yield every clip once, in batches of ``size``: maps of both streams, labels, evidence.

    Each clip is in a random orientation, with its scenes in a random one of ``scene_orders``. The
    evidence is (B, T, 16, h, w) bool, as ``movers`` gives it.
    """
    orders, exchanged = scene_orders(card)
    swap = swapped_label()
    of = halves(card)
    turns, clips = maps.labels.shape
    shuffled = torch.from_numpy(random.permutation(clips))
    for k in range(clips // size):
        way = torch.from_numpy(random.integers(turns, size=size))
        at = (way, shuffled[k * size : (k + 1) * size])
        order = torch.from_numpy(random.integers(len(orders), size=size))
        rows, chunks = torch.arange(size)[:, None], orders[order]
        cells, motion = (part[at].float()[rows, chunks] for part in (maps.spatial, maps.temporal))
        labels = maps.labels[at]
        labels = torch.where(exchanged[order], swap[labels], labels)
        shown = maps.known[at].unflatten(2, (2, EVIDENCE)).any(dim=2)[rows, chunks]
        known = torch.zeros_like(maps.known[at])
        for chunk, half in enumerate(of):
            if half is not None:
                known[:, chunk, half * EVIDENCE : (half + 1) * EVIDENCE] = shown[:, chunk]
        yield cells, motion, labels, known
