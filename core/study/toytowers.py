"""Toybox's towers: each learns what its stream alone can know, and is shared by every network.

ImageNet gives the paper's towers their start. Here the spatial tower learns which ball is in each
cell, the temporal one which move is made in each cell; neither is told the label.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

from core.card import Card
from core.nets.tower import Tower
from core.nets.towers import build_tower
from core.study.fitting import Batch, fit, start_afresh, tensor
from core.study.toydata import (
    ToySet,
    label_of,
    movers,
    turned_flow,
    turned_moves,
    turned_pictures,
)

log = logging.getLogger(__name__)

STREAMS = ("spatial", "temporal")
Towers = dict[str, Tower]


@dataclass(frozen=True, eq=False)
class Maps:
    """What the towers' relu5 makes of clips, each turned eight ways, and what is true there."""

    spatial: Tensor  # (8, n, T, C, h, w) half precision
    temporal: Tensor  # likewise
    labels: Tensor  # (8, n)
    known: Tensor  # (8, n, T, 16, h, w) bool: in which half which ball makes which move in the cell

    def draw(self, size: int, random: np.random.Generator) -> Iterator[Batch]:
        """Every clip once, in batches of ``size``, each clip turned at random."""
        order = torch.from_numpy(random.permutation(self.labels.shape[1]))
        for k in range(len(order) // size):
            at = (torch.from_numpy(random.integers(8, size=size)), order[k * size : (k + 1) * size])
            cells, motion = self.spatial[at].float(), self.temporal[at].float()
            yield cells, motion, self.labels[at], self.known[at]


def shared_towers(card: Card, data: ToySet, folder: Path, epochs: int, seed: int) -> Towers:
    """Both towers, trained here or read back from the folder."""
    towers = {}
    for stream in STREAMS:
        path = folder / f"tower-{stream}-{seed}.safetensors"
        if not path.exists():
            log.info("the %s tower, on its own", stream)
            weights = train_tower(stream, card, data, epochs, seed).state_dict()
            save_file({name: value.contiguous() for name, value in weights.items()}, path)
        towers[stream] = _new_tower(stream, card)
        towers[stream].load_state_dict(load_file(path))
    return towers


def train_tower(stream: str, card: Card, data: ToySet, epochs: int, seed: int) -> Tower:
    """A tower up to relu5 that tells, cell by cell, what its stream can know."""
    torch.manual_seed(seed)
    tower = _new_tower(stream, card)
    start_afresh(tower)
    body = _body(tower)
    body.append(nn.Conv2d(tower.channels["relu5"], 4 if stream == "temporal" else 2, 1))
    size = 32

    def batches(random: np.random.Generator) -> Iterator[Batch]:
        order = random.permutation(len(data))
        for k in range(len(data) // size):
            rows, turn = np.sort(order[k * size : (k + 1) * size]), int(random.integers(8))
            cells = turned_pictures(data.cells[rows], turn)
            if stream == "temporal":
                who = movers(cells, turned_moves(data.moves[rows], turn), card)
                known = who.reshape(size, card.chunks, 4, 4, *cells.shape[-2:]).any(axis=2)
            else:
                known = cells
            yield tensor(_seen(data, stream, rows, turn)), tensor(np.asarray(known)).float()

    def loss(seen: Tensor, known: Tensor) -> Tensor:
        found = body(_fed(seen, stream, card))
        return functional.binary_cross_entropy_with_logits(found, known.flatten(0, 1))

    steps = len(data) // size
    fit(body.parameters(), batches, loss, epochs=epochs, steps=steps, rate=2e-3, seed=seed)
    _give_unit_size(tower, stream, card, data)
    return tower


@torch.no_grad()
def _give_unit_size(tower: Tower, stream: str, card: Card, data: ToySet) -> None:
    """Scale the last filter so that relu5's mean square is 1; a ReLU lets that through."""
    seen = tensor(_seen(data, stream, np.arange(min(200, len(data))), 0))
    size = _body(tower)(_fed(seen, stream, card)).square().mean().sqrt()
    last = [layer for layer in tower.stages["relu5"].modules() if isinstance(layer, nn.Conv2d)][-1]
    for part in last.parameters():
        part.div_(size)


def shared_maps(towers: Towers, data: ToySet, card: Card, path: Path) -> Maps:
    """The towers' maps of clips, made here or read back from a file."""
    if not path.exists():
        partial = path.with_suffix(".partial")
        save_file(vars(relu5_maps(towers, data, card)), partial)
        partial.replace(path)
    return Maps(**load_file(path))


@torch.no_grad()
def relu5_maps(towers: Towers, data: ToySet, card: Card) -> Maps:
    """Run both towers once over every turn of every clip."""
    bodies = {stream: _body(towers[stream]).eval() for stream in STREAMS}
    found: dict[str, list[Tensor]] = {stream: [] for stream in STREAMS}
    labels, known = [], []
    for turn in range(8):
        for stream, body in bodies.items():
            rows = []
            for k in range(0, len(data), 32):
                seen = tensor(_seen(data, stream, slice(k, k + 32), turn))
                with _half():
                    maps = body(_fed(seen, stream, card))
                rows.append(maps.unflatten(0, seen.shape[:2]).half().contiguous())
            found[stream].append(torch.cat(rows))
        moves = turned_moves(data.moves, turn)
        labels.append(torch.from_numpy(label_of(moves)))
        known.append(tensor(movers(turned_pictures(data.cells, turn), moves, card)))
        log.info("maps of turn %d of 8", turn + 1)
    spatial, temporal = (torch.stack(found[stream]) for stream in STREAMS)
    return Maps(spatial, temporal, torch.stack(labels), torch.stack(known))


def _new_tower(stream: str, card: Card) -> Tower:
    temporal = stream == "temporal"
    name = card.temporal if temporal else card.spatial
    if name is None:
        raise ValueError(f"expected a card with a {stream} tower, got {card.name}")
    return build_tower(name, 2 * card.stack if temporal else 3, len(card.labels), temporal=temporal)


def _body(tower: Tower) -> nn.Sequential:
    """A tower's stages up to relu5, sharing its weights, channels last: twice as fast here."""
    names = list(tower.stages)
    stages = [tower.stages[name] for name in names[: names.index("relu5") + 1]]
    return nn.Sequential(*stages).to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]


def _seen(data: ToySet, stream: str, rows: np.ndarray | slice, turn: int) -> np.ndarray:
    """What a stream is fed of some clips, turned."""
    if stream == "temporal":
        return turned_flow(data.flow[rows], turn)
    return turned_pictures(data.rgb[rows], turn)


def _fed(seen: Tensor, stream: str, card: Card) -> Tensor:
    """(n, T, C, H, W) values 0..255 -> (n T, C, H, W) as the network's first step gives them."""
    x = seen.flatten(0, 1).float()
    if stream == "temporal":
        x = (x - card.flow_mean) / card.flow_scale
    else:
        x = (x - torch.tensor(card.rgb_mean)[:, None, None]) / card.rgb_scale
    return x.to(memory_format=torch.channels_last)


def _half() -> torch.autocast:
    """Bfloat16 where the processor has it natively, else single precision."""
    native = torch.backends.mkldnn.is_available() and torch.cpu._is_avx512_bf16_supported()
    return torch.autocast("cpu", torch.bfloat16, enabled=native)
