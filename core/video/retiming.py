"""Retiming: flow between other moments than those of the frames, and on another picture.

Between frame n and n + 1 a pixel is taken to move evenly along field n. A field from moment a to
moment b is chained from the parts of the fields between: each is read where the motion before has
led.
"""

from __future__ import annotations

import cv2
import numpy as np

from core.records import InputError

SLOWEST, FASTEST = 0.25, 4.0
"""How much a clip may be slowed down and sped up: beyond it, chained fields say little."""


def retimed(flow: np.ndarray, moments: np.ndarray) -> np.ndarray:
    """Field m of the result leads from moment m to moment m + 1, on the grid of the frame before.

    Args:
        flow: (N-1, 2, H, W) pixels.
        moments: (N',) in frames, 0 to N-1, rising. (N'-1, 2, H, W) float16 pixels come back.
    """
    found = np.empty((len(moments) - 1, *flow.shape[1:]), np.float16)
    for m in range(len(found)):
        found[m] = _between(flow, float(moments[m]), float(moments[m + 1]))
    return found


def _between(flow: np.ndarray, start: float, end: float) -> np.ndarray:
    """(2, H, W) the motion from one moment to a later one."""
    first = min(int(start), len(flow) - 1)
    moved = np.float32(min(end, first + 1) - start) * flow[first].astype(np.float32)
    for n in range(first + 1, int(np.ceil(end))):
        moved += np.float32(min(end - n, 1.0)) * _read_at(flow[n], moved)
    return moved


def _read_at(field: np.ndarray, moved: np.ndarray) -> np.ndarray:
    """A field read where pixels have gone that set out from the grid; beyond the edge, at it."""
    rows, columns = np.indices(field.shape[1:], dtype=np.float32)
    values = np.ascontiguousarray(field.transpose(1, 2, 0), dtype=np.float32)
    read = cv2.remap(
        values,
        columns + moved[0],
        rows + moved[1],
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return read.transpose(2, 0, 1)


def fitted(flow: np.ndarray, count: int, size: tuple[int, int]) -> np.ndarray:
    """The flow of one clip, made to last as long and to be as large as another.

    The picture is stretched to the other's height and width, and displacements with it. It is
    played faster or slower, so that it begins and ends with the other; displacements with it.

    Args:
        flow: (M, 2, h, w) pixels.
        count: frames of the other clip, N. (N-1, 2, H, W) pixels come back.
        size: its height and width.

    Raises:
        InputError: it would have to be played more than four times as fast, or as slowly.
    """
    pace = len(flow) / (count - 1)
    if not SLOWEST <= pace <= FASTEST:
        raise InputError(
            f"the motion comes from a clip of {len(flow) + 1} frames, the pictures from one of "
            f"{count}; needed: neither more than four times as long as the other"
        )
    if flow.shape[2:] != size:
        flow = np.stack([_stretched(field, size) for field in flow])
    if len(flow) == count - 1:
        return flow
    return retimed(flow, np.linspace(0, len(flow), count))


def _stretched(field: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(2, h, w) -> (2, H, W), and displacements with the picture."""
    height, width = field.shape[1:]
    values = np.ascontiguousarray(field.transpose(1, 2, 0), dtype=np.float32)
    smaller = size[0] * size[1] < height * width
    large = cv2.resize(
        values, size[::-1], interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    )
    longer = np.array((size[1] / width, size[0] / height), np.float32)
    return (large * longer).transpose(2, 0, 1)
