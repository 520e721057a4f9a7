"""RGB frames: convert decoded frames to RGB bytes of one size, upright, on black.

The decoder's child process imports this file. NumPy doubles its start-up time and is imported only
where needed.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from typing import Any, cast

import av
from av.sidedata.sidedata import Type
from av.video.reformatter import Colorspace, Interpolation, VideoReformatter

from fusionscope.video.reading.limits import HDR, SIDE

EXACT = Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT | Interpolation.BITEXACT
BT2020 = 9  # primaries (ITU-T H.273, table 2)
UNSPECIFIED, HD_LINES = 2, 720  # an unspecified colour space is BT.601, and BT.709 from 720 lines


class RgbConverter:
    """Scale, rotate and composite the frames of one track.

    Args:
        wide: displayed width divided by height, before rotation.
        first: any frame of the track; gives its size and rotation.
        enlarge: whether a short side below ``SIDE`` is scaled up to it.
    """

    def __init__(self, wide: float, first: av.VideoFrame, enlarge: bool = True) -> None:
        short = SIDE if enlarge else max(2, min(SIDE, first.height * min(wide, 1)))
        scale = short / min(wide, 1) / 2
        self.width, self.height = 2 * round(scale * wide), 2 * round(scale)  # before rotation
        self.swap, self.flip_x, self.flip_y = _turn(first)
        self.shown = (self.height, self.width) if self.swap else (self.width, self.height)
        shrinks = first.width * first.height > self.width * self.height
        self.how = EXACT | (Interpolation.AREA if shrinks else Interpolation.BICUBIC)
        self.scaler = VideoReformatter()
        self.hdr = HDR.get(first.color_trc, "")  # PQ, HLG, or empty
        if self.hdr:
            from fusionscope.video.reading.tone_map import ToneMap

            self.tone_map = ToneMap(self.hdr, wide=first.color_primaries in (BT2020, UNSPECIFIED))

    def paint(self, frame: av.VideoFrame) -> bytes:
        """Convert one frame to its (H, W, 3) bytes, where (W, H) is ``shown``."""
        if self.hdr:
            return self._turned(self._tone_mapped(frame))
        alpha = frame.format.has_palette or any(c.is_alpha for c in frame.format.components)
        assume_hd = frame.colorspace == UNSPECIFIED and frame.height >= HD_LINES
        rgb = self.scaler.reformat(
            frame,
            self.width,
            self.height,
            "rgba" if alpha else "rgb24",
            src_colorspace=Colorspace.ITU709 if assume_hd else None,
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
        return self._turned(pixels)

    def _tone_mapped(self, frame: av.VideoFrame) -> Any:
        matrix = Colorspace.BT2020 if frame.colorspace == UNSPECIFIED else None
        rgb = self.scaler.reformat(
            frame,
            self.width,
            self.height,
            "rgb48le",
            src_colorspace=matrix,
            interpolation=self.how,
            threads=1,
        )
        return self.tone_map(rgb.to_ndarray())

    def _turned(self, pixels: Any) -> bytes:
        pixels = pixels.swapaxes(0, 1) if self.swap else pixels
        return pixels[:: -1 if self.flip_y else 1, :: -1 if self.flip_x else 1].tobytes()


def _turn(frame: av.VideoFrame) -> tuple[bool, bool, bool]:
    """Orientation of a frame: exchange x and y, then mirror in x, then mirror in y."""
    try:
        matrix = cast(Mapping, frame.side_data).get(Type.DISPLAYMATRIX)
    except ValueError:  # side data of a kind unknown to PyAV: the angle is still available
        angle = math.radians(frame.rotation)
        a, b, c, d = math.cos(angle), -math.sin(angle), math.sin(angle), math.cos(angle)
    else:
        a, b, _, c, d, *_ = struct.unpack("=9i", matrix) if matrix else (1, 0, 0, 0, 1)
    return (True, c < 0, b < 0) if abs(b) > abs(a) else (False, a < 0, d < 0)
