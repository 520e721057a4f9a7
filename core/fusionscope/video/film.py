"""Film: a video of minutes, read as a stream of frames; it is never in memory as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np

from fusionscope.base.records import InputError, Progress, no_progress
from fusionscope.video.clip import TIMEOUT, check_start, checked_file, reading_notes
from fusionscope.video.reading.film_process import film_blocks
from fusionscope.video.reading.frame_times import FILM_SECONDS


@dataclass(frozen=True, eq=False)
class Film:
    """An opened film; ``blocks`` yields its frames once."""

    name: str
    fps: float  # frames per second, at most 30
    frames: int  # announced by the file; a damaged one may yield fewer
    height: int  # pixels
    width: int
    start: float  # seconds; where the reading started
    notes: tuple[str, ...]  # how the file was read, if not whole or as it is
    blocks: Iterator[np.ndarray]  # (n, H, W, 3) uint8, RGB; ``close`` it to end the decoder

    @property
    def seconds(self) -> float:
        """Duration of what is read."""
        return self.frames / self.fps


def open_film(
    path: str | Path,
    start: float = 0.0,
    name: str | None = None,
    progress: Progress = no_progress,
    timeout: float = TIMEOUT,
) -> Film:
    """Start to decode a video file of up to an hour, in the size and at the rate of a clip.

    The decoder runs ahead by a few blocks of 30 frames, and waits while they are not taken.

    Args:
        start: seconds; of a longer file, an hour is read from here, and ``notes`` say so.
        name: display name; by default the file's name.
        progress: called while waiting for frames; an exception that it raises ends the decoder.
        timeout: seconds, limit for the wait for the next frames.

    Raises:
        InputError: the file cannot be read as a video, or has fewer than 2 frames.
    """
    file, name = checked_file(path, name)
    check_start(start, name)
    parts = film_blocks(file, start or None, FILM_SECONDS, name, timeout, progress)
    first = next(parts, None)
    if not isinstance(first, dict):
        raise InputError(f"{name} contains no frames; motion needs at least 2")
    return Film(
        name,
        first["fps"],
        first["frames"],
        first["height"],
        first["width"],
        start,
        reading_notes(first, start, FILM_SECONDS),
        cast(Iterator[np.ndarray], parts),
    )
