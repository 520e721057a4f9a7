"""Clip store: clips of a data set decoded, and their flow estimated, once, and kept on disk.

A file is named by what it was made of, so it is never stale: the video's sha256 and the method.
Flow is kept in the net's view (paper.md 5.1), as the authors keep it.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from core.draft import draft, made
from core.records import InputError, Progress, silent
from core.study.datasets import Item
from core.video.clip import read_clip
from core.video.flow import dense_flow, net_view

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Kept:
    """One clip on disk, read only where it is looked at."""

    item: Item
    frames: Path  # (N, H, W, 3) uint8
    flow: Path  # (N-1, H, W, 2) uint8, the net's view

    def pictures(self) -> np.ndarray:
        """(N, H, W, 3) uint8, mapped from disk."""
        return np.load(self.frames, mmap_mode="r")

    def fields(self) -> np.ndarray:
        """(N-1, H, W, 2) uint8, mapped from disk."""
        return np.load(self.flow, mmap_mode="r")


def keep(
    items: Iterable[Item],
    folder: Path,
    method: str = "dis",
    workers: int | None = None,
    progress: Progress = silent,
) -> tuple[list[Kept], dict[str, str]]:
    """Decode what is not kept yet; also id -> what is wrong, for the clips that cannot be read."""
    made(folder)
    items = list(items)
    kept, broken = [], {}
    with ProcessPoolExecutor(workers or os.cpu_count()) as pool:
        answers = pool.map(partial(_made, folder=folder, method=method), items)
        for done, (item, one) in enumerate(zip(items, answers, strict=True), start=1):
            if isinstance(one, str):
                broken[item.id] = one
                log.warning("%s is left out: %s", item.id, one)
            else:
                kept.append(one)
            progress("decode", done / len(items))
    return kept, broken


def _made(item: Item, folder: Path, method: str) -> Kept | str:
    """The clip on disk, or what is wrong with it."""
    try:
        with item.path.open("rb") as file:
            name = hashlib.file_digest(file, "sha256").hexdigest()[:24]
    except OSError as problem:
        return f"{item.path.name} cannot be opened ({problem.strerror})"
    one = Kept(item, folder / f"{name}-rgb.npy", folder / f"{name}-{method}.npy")
    if one.frames.exists() and one.flow.exists():
        return one
    try:
        clip = read_clip(item.path, start=0.0)
    except InputError as problem:
        return str(problem)
    flow = dense_flow(clip, method)
    fields = net_view(flow).transpose(0, 2, 3, 1)
    for path, values in ((one.frames, clip.frames), (one.flow, fields)):
        with draft(path) as unfinished, unfinished.open("wb") as file:
            np.save(file, np.ascontiguousarray(values))
    return one
