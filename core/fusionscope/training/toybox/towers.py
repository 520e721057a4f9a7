"""Toybox towers: pretrain one tower per stream, shared by all Toybox networks.

They replace the paper's ImageNet pretraining. The spatial tower learns which ball is in each cell,
the temporal tower which move is made in each cell; neither uses the label.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

from fusionscope.base.atomic_file import atomic_write
from fusionscope.base.streams import STREAMS
from fusionscope.card import Card
from fusionscope.nets.towers.registry import build_tower
from fusionscope.nets.towers.tower import Tower
from fusionscope.training.fit_loop import Batch, fit, start_afresh, tensor
from fusionscope.training.toybox.training_set import (
    ToySet,
    movers,
    turned_flow,
    turned_moves,
    turned_pictures,
)

log = logging.getLogger(__name__)

Towers = dict[str, Tower]


def shared_towers(card: Card, data: ToySet, folder: Path, epochs: int, seed: int) -> Towers:
    """Load both towers from the folder; train and save them if missing."""
    for stream in STREAMS:
        path = _stored(folder, stream, seed)
        if not path.exists():
            log.info("training the %s tower", stream)
            weights = train_tower(stream, card, data, epochs, seed).state_dict()
            with atomic_write(path) as unfinished:
                save_file({name: v.contiguous() for name, v in weights.items()}, unfinished)
    return stored_towers(card, folder, seed)


def stored_towers(card: Card, folder: Path, seed: int) -> Towers:
    """Load the towers saved by ``shared_towers``, rounded to the precision of checkpoints.

    Networks trained on them therefore have identical towers.
    """
    towers = {}
    for stream in STREAMS:
        weights = load_file(_stored(folder, stream, seed))
        towers[stream] = _new_tower(stream, card)
        towers[stream].load_state_dict({k: value.half().float() for k, value in weights.items()})
    return towers


def _stored(folder: Path, stream: str, seed: int) -> Path:
    return folder / f"tower-{stream}-{seed}.safetensors"


def train_tower(stream: str, card: Card, data: ToySet, epochs: int, seed: int) -> Tower:
    """Train a tower up to relu5 to predict, for each cell, the evidence of its stream."""
    torch.manual_seed(seed)
    tower = _new_tower(stream, card)
    start_afresh(tower)
    stages = body(tower)
    stages.append(nn.Conv2d(tower.channels["relu5"], 4 if stream == "temporal" else 2, 1))
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
            yield tensor(seen_by(data, stream, rows, turn)), tensor(np.asarray(known)).float()

    def loss(seen: Tensor, known: Tensor) -> Tensor:
        found = stages(fed(seen, stream, card))
        return functional.binary_cross_entropy_with_logits(found, known.flatten(0, 1))

    steps = len(data) // size
    fit(stages.parameters(), batches, loss, epochs=epochs, steps=steps, rate=2e-3, seed=seed)
    _give_unit_size(tower, stream, card, data)
    return tower


@torch.no_grad()
def _give_unit_size(tower: Tower, stream: str, card: Card, data: ToySet) -> None:
    """Scale the last filter so that relu5's mean square is 1; a ReLU preserves the scale."""
    seen = tensor(seen_by(data, stream, np.arange(min(200, len(data))), 0))
    size = body(tower)(fed(seen, stream, card)).square().mean().sqrt()
    last = [layer for layer in tower.stages["relu5"].modules() if isinstance(layer, nn.Conv2d)][-1]
    for part in last.parameters():
        part.div_(size)


def _new_tower(stream: str, card: Card) -> Tower:
    temporal = stream == "temporal"
    name = card.temporal if temporal else card.spatial
    if name is None:
        raise ValueError(f"expected a card with a {stream} tower, got {card.name}")
    return build_tower(name, 2 * card.stack if temporal else 3, len(card.labels), temporal=temporal)


def body(tower: Tower, place: str = "relu5", after: str = "") -> nn.Sequential:
    """A tower's stages up to a place, sharing its weights, channels last: twice as fast here."""
    names = list(tower.stages)
    first = names.index(after) + 1 if after else 0
    stages = [tower.stages[name] for name in names[first : names.index(place) + 1]]
    return nn.Sequential(*stages).to(memory_format=torch.channels_last)


def seen_by(data: ToySet, stream: str, rows: np.ndarray | slice, turn: int) -> np.ndarray:
    """Input of a stream for some clips, in one orientation."""
    if stream == "temporal":
        return turned_flow(data.flow[rows], turn)
    return turned_pictures(data.rgb[rows], turn)


def fed(seen: Tensor, stream: str, card: Card) -> Tensor:
    """Normalise values 0..255 as the network does: (n, T, C, H, W) -> (n T, C, H, W)."""
    x = seen.flatten(0, 1).float()
    if stream == "temporal":
        x = (x - card.flow_mean) / card.flow_scale
    else:
        mean, scale = (torch.tensor(of).reshape(-1, 1, 1) for of in (card.rgb_mean, card.rgb_scale))
        x = (x - mean) / scale
    return x.to(memory_format=torch.channels_last)


def stand_on(own: Tower, shared: Tower, place: str) -> None:
    """Copy a shared tower's stages up to relu5, and enable training after ``place``."""
    start_afresh(own)
    if "fc8" in own.stages:
        nn.init.normal_(own.stages["fc8"].get_parameter("weight"), std=0.01)
    body = {k: v for k, v in shared.state_dict().items() if ".fc" not in k}
    own.load_state_dict(body, strict=False)
    names = list(own.stages)
    for number, name in enumerate(names):
        own.stages[name].requires_grad_(number > names.index(place))
