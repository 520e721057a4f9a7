"""Tone map: HDR pictures (PQ and HLG) to SDR, as a network trained on SDR expects them.

Light is decoded by ITU-R BT.2100 (tables 4 and 5; HLG on its nominal display of 1000 cd/m2), and
moved from BT.2020's to BT.709's primaries (ITU-R BT.2087). HDR's reference white, 203 cd/m2 (ITU-R
BT.2408), becomes SDR's white, encoded for the display of ITU-R BT.1886 (gamma 2.4).

Up to ``KNEE`` of white the light is kept, since that is where people and things are; brighter light
is compressed by a Moebius curve (as in FFmpeg's filter ``tonemap``) that reaches white at
``PEAK``. The curve acts on the largest of red, green and blue, so that hues are kept. BT.2390's
curve, meant for displays, would begin at 92 cd/m2 and darken the whole picture.

The decoder's child process imports this file for HDR only: NumPy takes long to import.
"""

from __future__ import annotations

import numpy as np

WHITE, PEAK = 203.0, 1000.0  # cd/m2
KNEE = 0.7  # of white
GAMMA = 2.4
LEVELS = 4096  # of light, by its square root, when it is encoded
LUMA = np.array([0.2627, 0.6780, 0.0593], np.float32)  # of BT.2020
TO_709 = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], np.float32
)


def _pq(code: np.ndarray) -> np.ndarray:
    """PQ code in 0..1 -> light in cd/m2."""
    m1, m2 = 2610 / 16384, 2523 / 4096 * 128
    c1, c2, c3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
    root = code ** (1 / m2)
    return 10_000 * (np.maximum(root - c1, 0) / (c2 - c3 * root)) ** (1 / m1)


def _hlg(code: np.ndarray) -> np.ndarray:
    """HLG code in 0..1 -> light of the scene in 0..1."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(code <= 0.5, code**2 / 3, (np.exp((code - c) / a) + b) / 12)


class ToneMap:
    """Tone-map the frames of one track.

    Args:
        kind: PQ or HLG.
        wide: whether the primaries are those of BT.2020; else the frames have BT.709's.
    """

    def __init__(self, kind: str, *, wide: bool) -> None:
        code = np.arange(65536) / 65535
        self.is_hlg = kind == "HLG"
        light = _hlg(code) * PEAK if self.is_hlg else _pq(code)
        self.light = (light / WHITE).astype(np.float32)
        self.matrix = TO_709.T.copy() if wide else np.eye(3, dtype=np.float32)
        level = np.arange(LEVELS) / (LEVELS - 1)
        self.code = np.rint(255 * level ** (2 / GAMMA)).astype(np.uint8)

    def __call__(self, codes: np.ndarray) -> np.ndarray:
        """(H, W, 3) uint16 RGB, 16 bits -> (H, W, 3) uint8."""
        light = np.take(self.light, codes.reshape(-1, 3))
        if self.is_hlg:  # the display's system gamma of 1.2
            light *= ((light @ LUMA)[:, None] * (WHITE / PEAK)) ** 0.2
        light = light @ self.matrix
        red, green, blue = light.T
        top = np.maximum(np.maximum(red, green), np.maximum(blue, 1e-6))
        light *= (_rolled_off(top) / top)[:, None]
        level = np.sqrt(np.clip(light, 0, 1)) * (LEVELS - 1) + 0.5
        return np.take(self.code, level.astype(np.uint16)).reshape(codes.shape)


def _rolled_off(light: np.ndarray) -> np.ndarray:
    """Compress light, in units of white: kept up to the knee, 1 at the peak and above."""
    peak, knee = PEAK / WHITE, KNEE
    a = -(knee**2) * (peak - 1) / (knee**2 - 2 * knee + peak)
    b = (knee**2 - 2 * knee * peak + peak) / (peak - 1)
    bright = np.clip(light, knee, peak)
    curve = (b + knee) ** 2 / (b - a) * (bright + a) / (bright + b)
    return np.where(light <= knee, light, curve)
