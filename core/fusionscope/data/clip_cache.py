"""Clip cache: store decoded clips of a data set and their flow on disk.

Files are named by the video's sha256, the version of reading and the flow method, so they are never
stale. Flow is stored
as scaled for the network (``net_view``; paper.md 5.1), as the authors do.
"""

from __future__ import annotations

import dataclasses
import hashlib
import logging
import os
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from fusionscope.base.atomic_file import atomic_write, make_folder
from fusionscope.base.records import InputError, Progress, no_progress
from fusionscope.data.datasets import Item
from fusionscope.video.clip import read_clip
from fusionscope.video.flow.methods import dense_flow, net_view

READING = 2  # raised when files are read in another way than before
log = logging.getLogger(__name__)


class Pictures(Protocol):
    """A uint8 array that may be read from the disk only where it is indexed."""

    @property
    def shape(self) -> tuple[int, ...]: ...
    def __len__(self) -> int: ...
    def __getitem__(self, place: Any, /) -> np.ndarray: ...
    def __array__(self) -> np.ndarray: ...


@dataclass(frozen=True, eq=False)
class Kept:
    """One cached clip; its arrays are memory-mapped."""

    item: Item
    frames: Path  # (N, H, W, 3) uint8
    flow: Path  # (N-1, H, W, 2) uint8, as scaled by ``net_view``
    notes: tuple[str, ...] = ()  # how the file was read, if not whole or as it is

    def pictures(self) -> Pictures:
        """Frames, (N, H, W, 3) uint8, memory-mapped."""
        return np.load(self.frames, mmap_mode="r")

    def fields(self) -> Pictures:
        """Flow fields, (N-1, H, W, 2) uint8, memory-mapped."""
        return np.load(self.flow, mmap_mode="r")


def keep(
    items: Iterable[Item],
    folder: Path,
    method: str = "dis",
    workers: int | None = None,
    progress: Progress = no_progress,
) -> tuple[list[Kept], dict[str, str]]:
    """Decode all clips that are not cached; return them, and id -> error for unreadable clips."""
    make_folder(folder)
    items = list(items)
    kept, broken = [], {}
    with ProcessPoolExecutor(workers or os.cpu_count()) as pool:
        answers = pool.map(partial(_cached, folder=folder, method=method), items)
        for done, (item, one) in enumerate(zip(items, answers, strict=True), start=1):
            if isinstance(one, str):
                broken[item.id] = one
                log.warning("%s is skipped: %s", item.id, one)
            else:
                kept.append(one)
                if one.notes:
                    log.info("%s: %s", item.id, "; ".join(one.notes))
            progress("decode", done / len(items))
            if done % 100 == 0 or done == len(items):
                log.info("%d of %d clips are ready", done, len(items))
    return kept, broken


def _cached(item: Item, folder: Path, method: str) -> Kept | str:
    """Cache one clip; return it, or the error message."""
    try:
        with item.path.open("rb") as file:
            name = hashlib.file_digest(file, "sha256").hexdigest()[:24]
    except OSError as problem:
        return f"{item.path.name} cannot be opened ({problem.strerror})"
    name = f"{name}-{READING}"
    notes = folder / f"{name}-notes.txt"
    one = Kept(item, folder / f"{name}-rgb.npy", folder / f"{name}-{method}.npy")
    if one.frames.exists() and one.flow.exists():
        told = notes.read_text("utf-8").splitlines() if notes.exists() else ()
        return dataclasses.replace(one, notes=tuple(told))
    try:
        clip = read_clip(item.path, start=0.0)
    except InputError as problem:
        return str(problem)
    if clip.notes:
        with atomic_write(notes) as unfinished:
            unfinished.write_text("\n".join(clip.notes), "utf-8")
    flow = dense_flow(clip, method)
    fields = net_view(flow).transpose(0, 2, 3, 1)
    for path, values in ((one.frames, clip.frames), (one.flow, fields)):
        with atomic_write(path) as unfinished, unfinished.open("wb") as file:
            np.save(file, np.ascontiguousarray(values))
    return dataclasses.replace(one, notes=clip.notes)
