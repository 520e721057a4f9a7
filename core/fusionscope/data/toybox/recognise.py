"""Recognise a Toybox clip by its frames, as after encoding and upload."""

from __future__ import annotations

import numpy as np

from fusionscope.data.toybox.world import FRAMES, HALVES, MIDDLES
from fusionscope.video.clip import Clip

_REST = HALVES.index(None)


def looks_generated(clip: Clip) -> bool:
    """Whether a clip has the form of the Toybox: square, 50 frames, half the light in the rest.

    Compression changes brightness by far less than the tolerances.
    """
    count, height, width = clip.frames.shape[:3]
    if count != FRAMES or height != width:
        return False
    light = clip.frames[list(MIDDLES), ::4, ::4].mean(axis=(1, 2, 3), dtype=np.float64)
    moving = np.delete(light, _REST)
    mean = float(moving.mean())
    steady = float(np.ptp(moving)) < 0.1 * mean
    return steady and abs(float(light[_REST]) / max(mean, 1e-9) - 0.5) < 0.05
