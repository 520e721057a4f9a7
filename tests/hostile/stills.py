"""Stills: single pictures as files."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np


def still(codec: str, layout: str, picture: np.ndarray) -> bytes:
    """(H, W, 3) uint8 -> one picture, coded.

    Args:
        layout: of its pixels, as the codec takes them.
    """
    coder = av.CodecContext.create(codec, "w")
    if not isinstance(coder, av.VideoCodecContext):
        raise ValueError(f"expected a codec for pictures, got {codec}")
    coder.height, coder.width = picture.shape[:2]
    coder.pix_fmt, coder.time_base = layout, Fraction(1, 10)
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=layout)
    frame.pts = 0
    return b"".join(bytes(packet) for packet in (*coder.encode(frame), *coder.encode(None)))
