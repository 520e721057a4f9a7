"""Film strips: frames in order, whole width, any shape of clip."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from fusionscope.analysis.film_strip import FRAMES, HEIGHT, WIDTH, film_strip
from fusionscope.video.clip import Clip


def pictures(clip: Clip) -> np.ndarray:
    """(FRAMES, HEIGHT, WIDTH, 3) uint8, as drawn."""
    strip = np.asarray(Image.open(io.BytesIO(film_strip(clip))).convert("RGB"))
    assert strip.shape == (HEIGHT, FRAMES * WIDTH, 3)
    return strip.reshape(HEIGHT, FRAMES, WIDTH, 3).swapaxes(0, 1)


def test_the_frames_are_in_order_from_the_first_to_the_last(numbered: Clip):
    shades = pictures(numbered).mean(axis=(1, 2, 3))
    expected = 10 * np.linspace(0, len(numbered.frames) - 1, FRAMES).round()
    assert shades == pytest.approx(expected, abs=4)


@pytest.mark.parametrize(("height", "width"), [(40, 200), (200, 40), (96, 128)])
def test_of_any_shape_the_middle_is_shown(height: int, width: int):
    frames = np.zeros((2, height, width, 3), np.uint8)
    frames[:, height // 2 - 8 : height // 2 + 8, width // 2 - 8 : width // 2 + 8] = 255
    shown = pictures(Clip(frames, 25.0))[0]
    assert shown[HEIGHT // 2, WIDTH // 2].min() > 200
    assert shown[2, 2].max() < 60
