"""Actor masks: which pixels show the actor in each frame, for clips annotated with it."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from fusionscope.base.records import InputError


def mask_beside(clip: Path) -> Path | None:
    """Path of a clip's mask in J-HMDB's layout, ``clips/ID.mp4`` and ``masks/ID.npz``, or None."""
    path = clip.parent.parent / "masks" / f"{clip.stem}.npz"
    return path if path.is_file() else None


def read_mask(path: Path) -> np.ndarray:
    """Read an actor mask, (N, H, W) bool, from a file with packed ``bits`` and their ``shape``.

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
            f"{path.name} contains no mask ({problem}); needed: an npz file with bits and shape"
        ) from problem
