"""Clip file: one prepared clip in a safetensors file, with the compressed pictures one by one.

Tensors: ``frames`` and ``flow``, the JPEG files one after the other (uint8), and ``frames_ends``
and ``flow_ends``, where each ends (int64). Metadata ``clip``: a JSON object, ``ClipHeader``.

A frame of 320 x 240 pixels and its flow take 24 kB at most, whatever the clip shows: a clip that
would take more is compressed more strongly, and its notes say so.
"""

from __future__ import annotations

import dataclasses
import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors.numpy import save

from fusionscope.base.atomic_file import atomic_write, make_folder
from fusionscope.base.records import InputError
from fusionscope.data.prepared.pictures import FLOW, FRAMES, field_jpeg, frame_jpeg, opened

VERSION = 1  # raised when files are written in another way than before
MOST = 24_000 / (320 * 240)  # bytes of a pixel with its flow; UCF101 is 2.49 million frames
QUALITIES = ((90, 90), (85, 85), (80, 80), (70, 70), (60, 60), (50, 50), (40, 40), (30, 30))
QUALITIES += ((20, 20), (10, 10), (5, 5))
"""JPEG qualities of frames and flow, the first that keeps to ``MOST`` is used."""
LOSSLESS = 80  # lowest quality without visible loss


@dataclass(frozen=True)
class ClipHeader:
    """What a prepared clip is, and what it was made of."""

    id: str
    source: str  # path below the data set's root
    source_bytes: int  # size of the video
    flow: str  # method, or ``published``
    fps: float
    height: int  # pixels
    width: int
    frames: int
    quality: int  # of the frames' JPEG
    notes: tuple[str, ...] = ()  # how the video was read, if not whole or as it is
    version: int = VERSION


def write_clip(
    path: Path, header: ClipHeader, frames: np.ndarray, fields: np.ndarray
) -> ClipHeader:
    """Compress a clip and write its file, whole or not at all; return the completed header.

    Args:
        header: its ``quality`` is replaced; a note is added if the quality is below ``LOSSLESS``.
        frames: (N, H, W, 3) uint8.
        fields: (N-1, 2, H, W) uint8, as scaled by ``net_view``.

    Raises:
        InputError: the file cannot be written.
    """
    quality, files = _within_limit(frames, fields)
    stored = files[: len(frames)], files[len(frames) :]
    notes = header.notes
    if quality < LOSSLESS:
        notes = (*notes, f"stored at JPEG quality {quality}, as it compresses badly")
    header = dataclasses.replace(header, quality=quality, notes=notes)
    tensors = {}
    for name, several in zip((FRAMES, FLOW), stored, strict=True):
        tensors[name] = np.frombuffer(b"".join(several), np.uint8)
        tensors[f"{name}_ends"] = np.cumsum([len(one) for one in several], dtype=np.int64)
    content = save(tensors, {"clip": json.dumps(dataclasses.asdict(header))})
    make_folder(path.parent)
    with atomic_write(path) as unfinished, unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())  # else a power failure could leave an empty file of this name
    return header


def sample_bytes(frames: np.ndarray, fields: np.ndarray) -> int:
    """Size of some frames with a field each at the highest quality, of the shapes above."""
    return sum(map(len, _compressed(frames, fields, QUALITIES[0])))


def _compressed(
    frames: np.ndarray, fields: np.ndarray, qualities: tuple[int, int]
) -> tuple[bytes, ...]:
    """The files of all frames, then those of all fields."""
    of_frames, of_fields = qualities
    return (
        *(frame_jpeg(frame, of_frames) for frame in frames),
        *(field_jpeg(field, of_fields) for field in fields),
    )


def _within_limit(frames: np.ndarray, fields: np.ndarray) -> tuple[int, tuple[bytes, ...]]:
    """Compress at the highest quality that keeps to the limit: the quality, and the files."""
    room = MOST * frames[..., 0].size
    some = np.unique(np.linspace(0, len(fields) - 1, 8).astype(int))
    shown, moved = frames[some], fields[some]
    for qualities in QUALITIES[:-1]:
        sample = sum(map(len, _compressed(shown, moved, qualities))) * len(frames) / len(some)
        if sample > 1.1 * room:
            continue
        files = _compressed(frames, fields, qualities)
        if sum(map(len, files)) <= room:
            return qualities[0], files
    return QUALITIES[-1][0], _compressed(frames, fields, QUALITIES[-1])


def read_header(path: Path) -> ClipHeader:
    """Read what a prepared clip is.

    Raises:
        InputError: the file is missing or damaged.
    """
    with opened(path) as file:
        told = (file.metadata() or {}).get("clip", "{}")
    try:
        fields = json.loads(told)
        return ClipHeader(**{**fields, "notes": tuple(fields["notes"])})
    except (TypeError, ValueError, KeyError) as problem:
        raise InputError(f"{path} is not a prepared clip; remove it") from problem
