"""Toybox training set: network inputs and ground truth for many seeds, cached on disk."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fusionscope.base.atomic_file import atomic_write, make_folder
from fusionscope.card import Card
from fusionscope.data.toybox.world import FRAMES, HALVES, LABELS, MIDDLES, MOVES, toy_world
from fusionscope.video.flow.methods import flow_fields
from fusionscope.video.snippets import chunk_frames, sample_snippets

_SHARD = 50  # seeds per file
GRID, STRIDE, MARGIN = 6, 16, 9  # the cells of vgg-m-mini's relu5 on 112x112, in pixels


@dataclass(frozen=True, eq=False)
class ToySet:
    """n clips as chunks, with ground truth for every chunk."""

    rgb: np.ndarray  # (n, T, 3, H, W) uint8
    flow: np.ndarray  # (n, T, 2L, H, W) uint8
    cells: np.ndarray  # (n, T, 2, h, w) bool: whether the striped, spotted ball is in the cell
    moves: np.ndarray  # (n, 2, 2) int8: striped, spotted ball; first, second move

    def __len__(self) -> int:
        return len(self.rgb)

    def take(self, rows: np.ndarray | slice) -> ToySet:
        """A subset of the clips."""
        return ToySet(self.rgb[rows], self.flow[rows], self.cells[rows], self.moves[rows])


def toy_set(seeds: range, card: Card, folder: Path) -> ToySet:
    """Load the chunks of consecutive seeds, or compute and save those that are missing."""
    if seeds.step != 1:
        raise ValueError(f"expected consecutive seeds (files are named by the first), got {seeds}")
    make_folder(folder)
    shards = [list(seeds[k : k + _SHARD]) for k in range(0, len(seeds), _SHARD)]
    stem = f"toybox-{card.chunks}x{card.stack}-{card.size}-{card.flow}"
    paths = [folder / f"{stem}-{shard[0]}-{len(shard)}.npz" for shard in shards]
    missing = [
        (shard, card, path) for shard, path in zip(shards, paths, strict=True) if not path.exists()
    ]
    if missing:
        with ProcessPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(_make_shard, missing))
    parts = [np.load(path) for path in paths]
    return ToySet(*(np.concatenate([part[name] for part in parts]) for name in _FIELDS))


_FIELDS = ("rgb", "flow", "cells", "moves")


def _make_shard(task: tuple[list[int], Card, Path]) -> None:
    seeds, card, path = task
    rows = [_chunks_of(seed, card) for seed in seeds]
    arrays = {
        name: np.stack(column)
        for name, column in zip(_FIELDS, zip(*rows, strict=True), strict=True)
    }
    with atomic_write(path) as unfinished, unfinished.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def _chunks_of(seed: int, card: Card) -> tuple[np.ndarray, ...]:
    world = toy_world(seed)
    frames = chunk_frames(FRAMES, card.chunks, card.stack)
    numbers = sorted(
        {n for c in frames for n in range(c - card.stack // 2, c - card.stack // 2 + card.stack)}
    )
    flow = np.zeros((FRAMES - 1, 2, *world.clip.frames.shape[1:3]), np.float16)
    flow[numbers] = flow_fields(world.clip, numbers, card.flow)
    snippets = sample_snippets(world.clip, flow, card)
    cells = np.stack([[_in_cells(world.masks[ball, c]) for ball in (0, 1)] for c in frames])
    moves = np.array([[MOVES.index(move) for move in pair] for pair in world.plan.moves], np.int8)
    return snippets.rgb, snippets.flow, cells, moves


def _in_cells(mask: np.ndarray) -> np.ndarray:
    """Whether a mask (H, W) covers more than 30 % of each cell, (h, w)."""
    scale = mask.shape[0] / 112
    edges = np.round((MARGIN + STRIDE * np.arange(GRID + 1)) * scale).astype(int)
    edges[0], edges[-1] = 0, mask.shape[0]
    rows = np.add.reduceat(mask.astype(np.int32), edges[:-1], axis=0)
    sums = np.add.reduceat(rows, edges[:-1], axis=1)
    return sums > 0.3 * (STRIDE * scale) ** 2


def halves(card: Card) -> list[int | None]:
    """The half of the clip that each chunk belongs to: 0, 1, or None for the rest in between."""
    frames = chunk_frames(FRAMES, card.chunks, card.stack)
    return [HALVES[int(np.argmin(np.abs(np.array(MIDDLES) - c)))] for c in frames]


def movers(cells: np.ndarray, moves: np.ndarray, card: Card) -> np.ndarray:
    """Which ball makes which move in which half, by cell.

    (n, T, 2, h, w), (n, 2, 2) -> (n, T, 16, h, w) bool; channel 8 x half + 4 x ball + move.
    """
    n, chunks, _, height, width = cells.shape
    found = np.zeros((n, chunks, 16, height, width), bool)
    rows = np.arange(n)
    for chunk, half in enumerate(halves(card)):
        if half is not None:
            for ball in (0, 1):
                found[rows, chunk, 8 * half + 4 * ball + moves[:, ball, half]] = cells[
                    :, chunk, ball
                ]
    return found


def label_of(moves: np.ndarray) -> np.ndarray:
    """Class indices (n,) of moves (n, 2, 2), in the order of ``LABELS``."""
    return _CLASS[moves[:, 0, 0], moves[:, 0, 1]]


_CLASS = np.full((4, 4), -1)
for _number, _label in enumerate(LABELS):
    _first, _second = _label.split(", then ")
    _CLASS[MOVES.index(_first), MOVES.index(_second)] = _number


def turned(part: ToySet, turn: int) -> ToySet:
    """Transform clips to one of eight orientations: pictures, flow, cells and moves.

    Bit 0 exchanges x and y, bit 1 mirrors x, bit 2 mirrors y.
    """
    return ToySet(
        turned_pictures(part.rgb, turn),
        turned_flow(part.flow, turn),
        turned_pictures(part.cells, turn),
        turned_moves(part.moves, turn),
    )


def turned_pictures(pictures: np.ndarray, turn: int) -> np.ndarray:
    """Transform pictures (..., H, W); returns a view."""
    if turn & 1:
        pictures = pictures.swapaxes(-1, -2)
    axes = tuple(axis for bit, axis in ((2, -1), (4, -2)) if turn & bit)
    return np.flip(pictures, axes) if axes else pictures


def turned_flow(flow: np.ndarray, turn: int) -> np.ndarray:
    """Transform flow (n, T, 2L, H, W), including its displacements.

    A mirrored displacement is negated: 255 - value as scaled by ``net_view``, as the authors do
    (paper.md 5.7).
    """
    n, chunks, channels = flow.shape[:3]
    u, v = (
        flow.reshape(n, chunks, channels // 2, 2, *flow.shape[3:])[:, :, :, axis] for axis in (0, 1)
    )
    if turn & 1:
        u, v = v, u
    u, v = turned_pictures(u, turn), turned_pictures(v, turn)
    both = np.stack((255 - u if turn & 2 else u, 255 - v if turn & 4 else v), axis=3)
    return both.reshape(n, chunks, channels, *both.shape[4:])


def turned_moves(moves: np.ndarray, turn: int) -> np.ndarray:
    """Transform moves, numbered left, right, up, down."""
    names = np.array([2, 3, 0, 1] if turn & 1 else [0, 1, 2, 3])
    for bit, swap in ((2, [1, 0, 2, 3]), (4, [0, 1, 3, 2])):
        if turn & bit:
            names = np.array(swap)[names]
    return names[moves].astype(np.int8)
