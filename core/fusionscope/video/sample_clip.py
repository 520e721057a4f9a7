"""Sample clip: a small generated clip for checks and benchmarks."""

from __future__ import annotations

import numpy as np

from fusionscope.video.clip import Clip


def moving_patch(frames: int) -> Clip:
    """Generate a textured patch moving over a textured ground, 96x128 pixels, always the same."""
    random = np.random.default_rng(5)
    ground = np.kron(random.integers(60, 120, (24, 32, 3)), np.ones((4, 4, 1))).astype(np.uint8)
    patch = np.kron(random.integers(130, 256, (6, 6, 3)), np.ones((5, 5, 1))).astype(np.uint8)
    made = np.repeat(ground[None], frames, axis=0)
    for n, frame in enumerate(made):
        x, y = (20 + 3 * n) % 98, (15 + 2 * n) % 66
        frame[y : y + 30, x : x + 30] = patch
    return Clip(made, 25.0, "moving patch")
