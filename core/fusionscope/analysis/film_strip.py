"""Film strip: a few frames of a clip side by side in one picture, for a thumbnail that moves."""

from __future__ import annotations

import io

import cv2
import numpy as np
from PIL import Image

from fusionscope.video.clip import Clip

FRAMES = 10  # in a strip, evenly spaced in time
WIDTH, HEIGHT = 128, 96  # pixels of each; the middle of a frame is shown
_QUALITY = 60


def film_strip(clip: Clip) -> bytes:
    """Draw a clip -> WebP of ``FRAMES`` pictures, ``WIDTH`` by ``HEIGHT`` each, the first at left.

    A clip with fewer frames repeats some.
    """
    numbers = np.linspace(0, len(clip.frames) - 1, FRAMES).round().astype(int)
    strip = np.concatenate([_picture(clip.frames[n]) for n in numbers], axis=1)
    written = io.BytesIO()
    Image.fromarray(strip).save(written, "WEBP", quality=_QUALITY, method=2)
    return written.getvalue()


def _picture(frame: np.ndarray) -> np.ndarray:
    """(H, W, 3) -> (``HEIGHT``, ``WIDTH``, 3) uint8: the largest part of that shape, centred."""
    height, width = frame.shape[:2]
    high = min(height, width * HEIGHT // WIDTH)
    wide = min(width, height * WIDTH // HEIGHT)
    top, left = (height - high) // 2, (width - wide) // 2
    part = frame[top : top + high, left : left + wide]
    return cv2.resize(part, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
