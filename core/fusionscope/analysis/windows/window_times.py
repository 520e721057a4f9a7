"""Window times: which frames of a film make up each window, and which of them are chunks.

A window holds what a clip of ``SECONDS`` would: its chunks are those of ``chunk_frames``, so its
scores equal those of a clip cut there. The distance of two chunks divides the step, or is divided
by it, so that overlapping windows share chunks; a window's length follows from it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from fusionscope.base.records import InputError
from fusionscope.card import Card
from fusionscope.video.reading.frame_times import FILM_SECONDS
from fusionscope.video.snippets import chunk_frames

SECONDS = 2.0  # length of a window, about
LEAST_STEP = 0.1  # seconds


@dataclass(frozen=True)
class WindowTimes:
    """The windows of a film of known rate."""

    fps: float
    step: float  # seconds between the starts of two windows
    count: int  # frames in a window
    chunks: int  # T
    stack: int  # L

    def first(self, number: int) -> int:
        """The first frame of a window; windows are counted from 0."""
        return round(number * self.step * self.fps)

    def span(self, number: int) -> tuple[float, float]:
        """Start and end of a window in seconds from the first frame."""
        first = self.first(number)
        return first / self.fps, (first + self.count) / self.fps

    def frames(self, number: int) -> np.ndarray:
        """(T,) the frames of a window's chunks, counted from the film's first frame."""
        return self.first(number) + chunk_frames(self.count, self.chunks, self.stack)

    def within(self, frames: int) -> int:
        """Number of windows that end within so many frames; for a shorter film, 0."""
        if frames < self.count:
            return 0
        number = math.floor((frames - self.count) / (self.step * self.fps)) + 2
        while self.first(number - 1) + self.count > frames:
            number -= 1
        return number


def window_times(card: Card, fps: float, step: float) -> WindowTimes:
    """Choose the length of a window for a network and a step.

    Raises:
        InputError: the step is not between 0.1 s and an hour.
    """
    check_step(step)
    chunk = SECONDS / card.chunks  # seconds between chunks, if they need not match the step
    parts = step / chunk
    chunk = step / round(parts) if parts >= 1 else step * round(1 / parts)
    count = max(round(card.chunks * chunk * fps), card.stack + 1)
    return WindowTimes(fps, max(step, 1 / fps), count, card.chunks, card.stack)


def check_step(step: float) -> None:
    """Raise InputError unless windows can start every so many seconds."""
    if not (math.isfinite(step) and LEAST_STEP <= step <= FILM_SECONDS):
        raise InputError(
            f"the step between windows is {step:g} s; it must be between {LEAST_STEP:g} s and "
            f"{FILM_SECONDS:g} s"
        )
