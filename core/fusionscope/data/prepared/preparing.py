"""Preparing: decode one clip, compute or read its flow, and store both.

Frames are stored at a short side of at most 256 pixels, never scaled up. Flow is computed as for
the networks here, between frames scaled to a short side of 256, and stored at the frames' size.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from fusionscope.base.atomic_file import atomic_write, make_folder
from fusionscope.base.records import InputError
from fusionscope.data.datasets import Item
from fusionscope.data.prepared.clip_file import ClipHeader, write_clip
from fusionscope.data.prepared.published_flow import published_fields
from fusionscope.data.prepared.store import Store
from fusionscope.video.clip import Clip, read_clip
from fusionscope.video.flow.methods import flow_fields, full_precision, net_view
from fusionscope.video.reading.limits import SIDE


@dataclass(frozen=True)
class Outcome:
    """One clip: its size in the store, or why it is not there."""

    id: str
    frames: int = 0
    bytes: int = 0
    problem: str = ""


@dataclass(frozen=True)
class Preparing:
    """The work of preparing one clip after another, for any number of processes."""

    store: Store
    flow_folder: Path | None = None  # of published flow
    on_gpu: bool = False

    def feed(self, item: Item) -> Outcome:
        """Prepare a clip, if no other process has."""
        path, problem = self.store.path_of(item.id), self.store.problem_of(item.id)
        header = self.store.header_of(item)
        if header is None:
            try:
                header = write_clip(path, *self.contents(item))
            except InputError as found:
                make_folder(problem.parent)
                with atomic_write(problem) as unfinished:
                    unfinished.write_text(str(found), "utf-8")
                return Outcome(item.id, problem=str(found))
        with suppress(OSError):
            problem.unlink(missing_ok=True)
        return Outcome(item.id, header.frames, path.stat().st_size)

    def answer(self, fed: Outcome) -> Outcome:
        """Nothing more to do."""
        return fed

    def contents(self, item: Item) -> tuple[ClipHeader, np.ndarray, np.ndarray]:
        """Header, frames (N, H, W, 3) and fields (N-1, 2, H, W) of a clip, all uint8.

        Raises:
            InputError: the video or its published flow cannot be read.
        """
        clip = read_clip(item.path, start=0.0, enlarge=False)
        frames, notes = clip.frames, clip.notes
        if self.flow_folder:
            size = frames.shape[1], frames.shape[2]
            fields = published_fields(self.flow_folder, item, len(frames), size)
            if len(fields) < len(frames) - 1:
                notes = (*notes, f"{len(fields)} flow fields for {len(frames)} frames")
                frames = frames[: len(fields) + 1]
        else:
            fields = fields_of(clip, self.store.flow, range(len(frames) - 1))
        count, height, width = frames.shape[:3]
        source = item.path.relative_to(self.store.root).as_posix()
        size = item.path.stat().st_size
        header = ClipHeader(
            item.id, source, size, self.store.flow, clip.fps, height, width, count, 0, notes
        )
        return header, frames, fields

    def sample(self, item: Item, count: int = 3) -> tuple[np.ndarray, np.ndarray, int, float]:
        """A few frames with their fields, the clip's number of frames, and its time in seconds.

        The time is that of decoding the clip and computing or reading all of its flow, the latter
        from that of these fields.

        Raises:
            InputError: the video or its published flow cannot be read.
        """
        begin = time.monotonic()
        clip = read_clip(item.path, start=0.0, enlarge=False)
        decoded = time.monotonic()
        numbers = np.unique(np.linspace(0, len(clip.frames) - 2, count).astype(int))
        if self.flow_folder:
            size = clip.frames.shape[1], clip.frames.shape[2]
            fields = published_fields(self.flow_folder, item, len(clip.frames), size)
            took, fields = time.monotonic() - decoded, fields[numbers.clip(max=len(fields) - 1)]
        else:
            fields = fields_of(clip, self.store.flow, numbers.tolist())
            took = (time.monotonic() - decoded) * len(clip.frames) / len(numbers)
        return clip.frames[numbers], fields, len(clip.frames), decoded - begin + took


def fields_of(clip: Clip, method: str, numbers: Sequence[int]) -> np.ndarray:
    """Compute the fields to be stored: (n, 2, H, W) uint8, in pixels at a short side of 256."""
    height, width = clip.frames.shape[1:3]
    scale = SIDE / min(height, width)
    whole = clip
    if scale > 1:
        size = (2 * round(scale * width / 2), 2 * round(scale * height / 2))
        larger = [cv2.resize(f, size, interpolation=cv2.INTER_CUBIC) for f in clip.frames]
        whole = Clip(np.stack(larger), clip.fps)
    fields = np.empty((len(numbers), 2, height, width), np.uint8)
    for at, field in enumerate(flow_fields(whole, numbers, method, threads=1)):
        if scale > 1:
            pixels = cv2.merge([*full_precision(field)])
            pixels = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
            field = pixels.transpose(2, 0, 1)
        fields[at] = net_view(field)
    return fields
