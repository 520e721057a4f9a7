"""Resampling: flow at other times than those of the frames, and at another picture size.

Between frames n and n + 1 a pixel is assumed to move at constant speed along field n. The field
from time a to time b chains the fields in between: each is read at the position that the pixel has
reached by then.
"""

from __future__ import annotations

import cv2
import numpy as np

from fusionscope.base.records import InputError

SLOWEST, FASTEST = 0.25, 4.0
"""Limits of the playback speed: beyond them, chained fields are too inaccurate."""


def retimed(flow: np.ndarray, moments: np.ndarray) -> np.ndarray:
    """Resample flow in time: (N'-1, 2, H, W) float16 pixels, field m from moment m to moment m + 1.

    Each field is defined on the pixel grid of its first moment.

    Args:
        flow: (N-1, 2, H, W) pixels.
        moments: (N',) in frames, from 0 to N-1, increasing.
    """
    found = np.empty((len(moments) - 1, *flow.shape[1:]), np.float16)
    for m in range(len(found)):
        found[m] = _between(flow, float(moments[m]), float(moments[m + 1]))
    return found


def _between(flow: np.ndarray, start: float, end: float) -> np.ndarray:
    """Motion from one moment to a later one, (2, H, W) pixels."""
    first = min(int(start), len(flow) - 1)
    moved = np.float32(min(end, first + 1) - start) * flow[first].astype(np.float32)
    for n in range(first + 1, int(np.ceil(end))):
        moved += np.float32(min(end - n, 1.0)) * _read_at(flow[n], moved)
    return moved


def _read_at(field: np.ndarray, moved: np.ndarray) -> np.ndarray:
    """Read a field at the displaced pixel positions; positions outside are moved to the edge."""
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
    """Fit the flow of one clip to the length and size of another: (N-1, 2, H, W) pixels.

    The picture is stretched to the new height and width, and the playback speed is changed so that
    both clips begin and end together. Displacements are scaled accordingly.

    Args:
        flow: (M, 2, h, w) pixels.
        count: N, number of frames of the other clip.
        size: height and width of the other clip.

    Raises:
        InputError: the playback speed would change by more than a factor of four.
    """
    pace = len(flow) / (count - 1)
    if not SLOWEST <= pace <= FASTEST:
        raise InputError(
            f"the motion comes from a clip of {len(flow) + 1} frames, the pictures from a clip of "
            f"{count}; one may be at most four times as long as the other"
        )
    if flow.shape[2:] != size:
        flow = np.stack([_stretched(field, size) for field in flow])
    if len(flow) == count - 1:
        return flow
    return retimed(flow, np.linspace(0, len(flow), count))


def _stretched(field: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Resize a field, (2, h, w) -> (2, H, W), and scale its displacements accordingly."""
    height, width = field.shape[1:]
    values = np.ascontiguousarray(field.transpose(1, 2, 0), dtype=np.float32)
    smaller = size[0] * size[1] < height * width
    large = cv2.resize(
        values, size[::-1], interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    )
    longer = np.array((size[1] / width, size[0] / height), np.float32)
    return (large * longer).transpose(2, 0, 1)
