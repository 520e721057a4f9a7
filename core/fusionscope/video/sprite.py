"""Sprite: sixteen small frames of a clip in one WebP picture, for a thumbnail that moves."""

from __future__ import annotations

import io
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from fusionscope.base.records import InputError
from fusionscope.video.clip import checked_file
from fusionscope.video.reading import decoder_process

COLUMNS = 4  # tiles in a row, and rows
TILES = COLUMNS * COLUMNS
WIDTH, HEIGHT = 160, 120  # pixels of a tile, at most
SECONDS = 3.0  # of the clip's start that a sprite shows, at most
TIMEOUT = 20.0  # seconds, limit for decoding
_QUALITY = 55
_DESCRIPTION = 0x010E  # the EXIF tag that holds the duration


def read_sprite(path: Path) -> bytes:
    """A video file -> the sprite of its first 3 s, WebP.

    Raises:
        InputError: the file cannot be read as a clip.
    """
    file, name = checked_file(path)
    frames, rate = decoder_process.sample(file, SECONDS, TILES, name, TIMEOUT)
    if len(frames) < 2:
        raise InputError(f"{name} contains fewer than 2 frames; motion needs at least 2")
    return sprite_of(frames, len(frames) / rate)


def sprite_of(frames: np.ndarray, seconds: float) -> bytes:
    """(N, H, W, 3) uint8 that last so many seconds -> WebP of 4 x 4 tiles, row by row."""
    height, width = frames.shape[1:3]
    scale = min(WIDTH / width, HEIGHT / height)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    picked = [frames[at * len(frames) // TILES] for at in range(TILES)]
    tiles = [cv2.resize(frame, size, interpolation=cv2.INTER_AREA) for frame in picked]
    rows = [np.hstack(tiles[at : at + COLUMNS]) for at in range(0, TILES, COLUMNS)]
    about = Image.Exif()
    about[_DESCRIPTION] = f"{seconds:.3f}"
    held = io.BytesIO()
    Image.fromarray(np.vstack(rows)).save(held, "WEBP", quality=_QUALITY, method=3, exif=about)
    return held.getvalue()


def properties_of(sprite: bytes) -> tuple[int, int, float] | None:
    """Width and height of a tile in pixels and the duration in seconds; None if it is damaged."""
    with suppress(UnidentifiedImageError, OSError, ValueError, SyntaxError):
        picture = Image.open(io.BytesIO(sprite), formats=["WEBP"])
        seconds = float(picture.getexif().get(_DESCRIPTION, ""))
        if 0 < seconds <= SECONDS + 1:
            return picture.width // COLUMNS, picture.height // COLUMNS, seconds
    return None
