"""Painter: decoded frames become RGB bytes of one size, upright, over black.

The decoder's child process imports this file, so NumPy, which doubles its start, only where needed.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from typing import cast

import av
from av.sidedata.sidedata import Type
from av.video.reformatter import Colorspace, Interpolation, VideoReformatter

SIDE = 256  # pixels, the short side of what is given back
EXACT = Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT | Interpolation.BITEXACT
UNSPECIFIED, HD_LINES = 2, 720  # an unspecified colour space is BT.601, and BT.709 from 720 lines


class Painter:
    """Scales, turns and composites: all that a frame's bytes depend on but the frame itself.

    Args:
        wide: width to height of what is to be shown, before turning.
        first: any frame of the track, for its size and the side that is up.
    """

    def __init__(self, wide: float, first: av.VideoFrame) -> None:
        scale = SIDE / min(wide, 1) / 2
        self.width, self.height = 2 * round(scale * wide), 2 * round(scale)  # before turning
        self.swap, self.flip_x, self.flip_y = _turn(first)
        self.shown = (self.height, self.width) if self.swap else (self.width, self.height)
        shrinks = first.width * first.height > self.width * self.height
        self.how = EXACT | (Interpolation.AREA if shrinks else Interpolation.BICUBIC)
        self.scaler = VideoReformatter()

    def paint(self, frame: av.VideoFrame) -> bytes:
        """One frame -> its (H, W, 3) bytes, where W, H is ``shown``."""
        alpha = frame.format.has_palette or any(c.is_alpha for c in frame.format.components)
        unsaid = frame.colorspace == UNSPECIFIED and frame.height >= HD_LINES
        rgb = self.scaler.reformat(
            frame,
            self.width,
            self.height,
            "rgba" if alpha else "rgb24",
            src_colorspace=Colorspace.ITU709 if unsaid else None,
            interpolation=self.how,
            threads=1,
        )
        if not (alpha or self.swap or self.flip_x or self.flip_y):
            view, line = memoryview(rgb.planes[0]), rgb.planes[0].line_size
            return b"".join(view[y * line :][: 3 * self.width] for y in range(self.height))
        import numpy as np

        pixels = rgb.to_ndarray()
        if alpha:
            opaque = pixels[..., 3:].astype(np.uint16)
            pixels = ((pixels[..., :3] * opaque + 127) // 255).astype(np.uint8)
        pixels = pixels.swapaxes(0, 1) if self.swap else pixels
        return pixels[:: -1 if self.flip_y else 1, :: -1 if self.flip_x else 1].tobytes()


def _turn(frame: av.VideoFrame) -> tuple[bool, bool, bool]:
    """How a frame is shown: x and y exchanged, then mirrored in x, then mirrored in y."""
    try:
        matrix = cast(Mapping, frame.side_data).get(Type.DISPLAYMATRIX)
    except ValueError:  # other side data, of a kind unknown to PyAV: the angle is still to be had
        angle = math.radians(frame.rotation)
        a, b, c, d = math.cos(angle), -math.sin(angle), math.sin(angle), math.cos(angle)
    else:
        a, b, _, c, d, *_ = struct.unpack("=9i", matrix) if matrix else (1, 0, 0, 0, 1)
    return (True, c < 0, b < 0) if abs(b) > abs(a) else (False, a < 0, d < 0)
