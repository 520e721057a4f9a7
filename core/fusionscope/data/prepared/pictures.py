"""Pictures: compress the frames or flow fields of a clip, and decompress only those asked for.

Frames are JPEG with halved colour resolution, as in nearly all videos. A flow field is one grey
JPEG with x above y, each as scaled by ``net_view``: 8 bits, as the paper stores flow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from safetensors import SafetensorError, safe_open

from fusionscope.base.records import InputError

FRAMES, FLOW = "frames", "flow"


def frame_jpeg(frame: np.ndarray, quality: int) -> bytes:
    """Compress a frame, (H, W, 3) uint8 RGB."""
    return _jpeg(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR), quality)


def field_jpeg(field: np.ndarray, quality: int) -> bytes:
    """Compress a flow field, (2, H, W) uint8 as scaled by ``net_view``."""
    return _jpeg(field.reshape(-1, field.shape[2]), quality)


def _jpeg(picture: np.ndarray, quality: int) -> bytes:
    how = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_OPTIMIZE, 1]
    _, stored = cv2.imencode(".jpg", picture, how)
    return stored.tobytes()


class StoredPictures:
    """The frames or flow fields in a clip's file, decompressed when indexed.

    Frames are an array (N, H, W, 3), flow fields (N-1, H, W, 2); both uint8. An index gives one,
    a slice several.
    """

    def __init__(self, path: Path, name: str, size: tuple[int, int]) -> None:
        """``size``: height and width; ``name``: ``FRAMES`` or ``FLOW``."""
        self._path, self._name, self._size = path, name, size
        with opened(path) as file:
            ends = file.get_tensor(f"{name}_ends").astype(np.int64)
        self._ends = np.concatenate(([0], ends))

    def __len__(self) -> int:
        return len(self._ends) - 1

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """The shape of the whole array."""
        return (len(self), *self._size, 3 if self._name == FRAMES else 2)

    def __getitem__(self, place: int | slice) -> np.ndarray:
        numbers = range(len(self))[place]
        if isinstance(numbers, int):
            return self.some([numbers])[0]
        return self.some(numbers)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self[:] if dtype is None else self[:].astype(dtype)

    def some(self, numbers: Sequence[int]) -> np.ndarray:
        """Decompress the pictures with these indices, in this order."""
        found = np.empty((len(numbers), *self.shape[1:]), np.uint8)
        with opened(self._path) as file:
            stored = file.get_slice(self._name)
            for at, number in enumerate(numbers):
                found[at] = self._decoded(stored[self._ends[number] : self._ends[number + 1]])
        return found

    def _decoded(self, stored: np.ndarray) -> np.ndarray:
        (height, width), colour = self._size, self._name == FRAMES
        how = cv2.IMREAD_COLOR if colour else cv2.IMREAD_GRAYSCALE
        picture = cv2.imdecode(np.asarray(stored), how) if len(stored) else None
        needed = (height, width, 3) if colour else (2 * height, width)
        if picture is None or picture.shape != needed:
            raise _damaged(self._path)
        if colour:
            return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
        return picture.reshape(2, height, width).transpose(1, 2, 0)


def _damaged(path: Path) -> InputError:
    return InputError(f"the prepared clip {path} is damaged; remove it and run prepare again")


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """Open a clip's file.

    Raises:
        InputError: it is missing or damaged.
    """
    try:
        with safe_open(path, "np") as file:
            yield file
    except (OSError, SafetensorError) as problem:
        raise _damaged(path) from problem
