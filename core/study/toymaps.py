"""Toy maps: what the shared towers make of clips at one place, made once and kept on disk.

A network is trained no further down than its first fusion (paper.md 5.6), so it can be trained
and measured on these maps instead of pictures: the scores are the same.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from core.card import Card
from core.draft import draft
from core.streams import STREAMS
from core.study.fitting import Batch, tensor
from core.study.toydata import ToySet, label_of, movers, turned_moves, turned_pictures
from core.study.toytowers import Towers, body, fed, seen_by

log = logging.getLogger(__name__)

BASE = "relu2"  # the lowest place that a network is trained from


@dataclass(frozen=True, eq=False)
class Maps:
    """What the towers make of clips at one place, each clip turned some ways, and what is true."""

    spatial: Tensor  # (turns, n, T, C, h, w); in half precision where they are for training
    temporal: Tensor  # likewise
    labels: Tensor  # (turns, n)
    known: Tensor  # (turns, n, T, 16, 6, 6) bool: in which half which ball makes which move there

    def draw(self, size: int, random: np.random.Generator) -> Iterator[Batch]:
        """Every clip once, in batches of ``size``, each clip turned at random."""
        turns, clips = self.labels.shape
        order = torch.from_numpy(random.permutation(clips))
        for k in range(clips // size):
            way = torch.from_numpy(random.integers(turns, size=size))
            at = (way, order[k * size : (k + 1) * size])
            cells, motion = self.spatial[at].float(), self.temporal[at].float()
            yield cells, motion, self.labels[at], self.known[at]


def shared_maps(
    folder: Path,
    name: str,
    make: Callable[[], tuple[Towers, ToySet]],
    card: Card,
    place: str,
    turns: Sequence[int],
    dtype: torch.dtype,
) -> Maps:
    """The towers' maps of clips at a place, made here or read back from a file.

    Pictures are gone through once, up to ``BASE``; maps further up are made from those.
    """
    path = folder / f"maps-{place}-{name}.safetensors"
    if not path.exists():
        if place == BASE:
            maps = tower_maps(*make(), card, place, turns, dtype)
        else:
            base = shared_maps(folder, name, make, card, BASE, turns, dtype)
            maps = climbed(base, make()[0], place)
        with draft(path) as unfinished:
            save_file(vars(maps), unfinished)
    return Maps(**load_file(path))


@torch.no_grad()
def climbed(base: Maps, towers: Towers, place: str) -> Maps:
    """The maps at a place further up, from those at ``BASE``."""
    found = {}
    for stream in STREAMS:
        stages, cells = body(towers[stream], place, after=BASE).eval(), getattr(base, stream)
        rows = [
            stages(part.flatten(0, 1).float()).unflatten(0, part.shape[:2]).to(cells.dtype)
            for part in cells.flatten(0, 1).split(64)
        ]
        found[stream] = torch.cat(rows).contiguous().unflatten(0, cells.shape[:2])
    return Maps(found["spatial"], found["temporal"], base.labels, base.known)


@torch.no_grad()
def tower_maps(
    towers: Towers,
    data: ToySet,
    card: Card,
    place: str,
    turns: Sequence[int],
    dtype: torch.dtype,
) -> Maps:
    """Run both towers up to a place, once over every turn of every clip."""
    bodies = {stream: body(towers[stream], place).eval() for stream in STREAMS}
    found: dict[str, list[Tensor]] = {stream: [] for stream in STREAMS}
    labels, known = [], []
    for turn in turns:
        for stream, stages in bodies.items():
            rows = []
            for k in range(0, len(data), 32):
                seen = tensor(seen_by(data, stream, slice(k, k + 32), turn))
                maps = stages(fed(seen, stream, card))
                rows.append(maps.unflatten(0, seen.shape[:2]).to(dtype).contiguous())
            found[stream].append(torch.cat(rows))
        moves = turned_moves(data.moves, turn)
        labels.append(torch.from_numpy(label_of(moves)))
        known.append(tensor(movers(turned_pictures(data.cells, turn), moves, card)))
        log.info("maps of %s, turn %d", place, turn)
    spatial, temporal = (torch.stack(found[stream]) for stream in STREAMS)
    return Maps(spatial, temporal, torch.stack(labels), torch.stack(known))
