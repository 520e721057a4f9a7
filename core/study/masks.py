"""Masks: where the actor is, frame by frame, in clips of which that is known."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from core.records import InputError


def mask_beside(clip: Path) -> Path | None:
    """The mask of a clip in J-HMDB's layout, ``clips/ID.mp4`` and ``masks/ID.npz``, if there."""
    path = clip.parent.parent / "masks" / f"{clip.stem}.npz"
    return path if path.is_file() else None


def read_mask(path: Path) -> np.ndarray:
    """(N, H, W) bool: where the actor is. The file holds ``bits``, packed, and ``shape``.

    Raises:
        InputError: it is not such a file.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            bits, shape = stored["bits"], tuple(int(size) for size in stored["shape"])
        frames, height, width = shape
        flat = np.unpackbits(bits, axis=1)[:, : height * width]
        return flat.reshape(frames, height, width).astype(bool)
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as problem:
        raise InputError(
            f"{path.name} holds no mask: {problem}; needed: bits and shape, as J-HMDB's here"
        ) from problem
