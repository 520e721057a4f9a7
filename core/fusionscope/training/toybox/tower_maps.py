"""Tower maps: cache the shared towers' maps of Toybox clips at one stage.

Stages before the first fusion are not trained (paper.md 5.6), so a network can be trained and
measured on these maps instead of pictures, with the same scores.
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

from fusionscope.base.atomic_file import atomic_write
from fusionscope.base.streams import STREAMS
from fusionscope.card import Card
from fusionscope.training.fit_loop import Batch, tensor
from fusionscope.training.toybox.towers import Towers, body, fed, seen_by
from fusionscope.training.toybox.training_set import (
    ToySet,
    label_of,
    movers,
    turned_moves,
    turned_pictures,
)

log = logging.getLogger(__name__)

BASE = "relu2"  # the earliest stage from which a network is trained


@dataclass(frozen=True, eq=False)
class Maps:
    """The towers' maps of clips at one stage, in several orientations, with ground truth."""

    spatial: Tensor  # (turns, n, T, C, h, w); in half precision for training
    temporal: Tensor  # likewise
    labels: Tensor  # (turns, n)
    known: Tensor  # (turns, n, T, 16, 6, 6) bool: half, ball and move in each cell

    def draw(self, size: int, random: np.random.Generator) -> Iterator[Batch]:
        """Yield every clip once, in batches of ``size``, each in a random orientation."""
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
    """Load the towers' maps of clips at a stage, or compute and save them.

    Pictures are processed only once, up to ``BASE``; maps of later stages are computed from those.
    """
    path = folder / f"maps-{place}-{name}.safetensors"
    if not path.exists():
        if place == BASE:
            maps = tower_maps(*make(), card, place, turns, dtype)
        else:
            base = shared_maps(folder, name, make, card, BASE, turns, dtype)
            maps = climbed(base, make()[0], place)
        with atomic_write(path) as unfinished:
            save_file(vars(maps), unfinished)
    return Maps(**load_file(path))


@torch.no_grad()
def climbed(base: Maps, towers: Towers, place: str) -> Maps:
    """Compute the maps at a later stage from those at ``BASE``."""
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
    """Run both towers up to a stage, on every clip in every orientation."""
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
