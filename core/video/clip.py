"""Clip: a short run of frames at a constant rate, read from a file or made by a program."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from core.records import InputError, Progress, digest_of, seal, silent, spoken
from core.video import child

TIMEOUT = 60.0  # seconds that decoding may take


@dataclass(frozen=True, eq=False)
class Clip:
    """Frames in order, with the name of their content."""

    frames: np.ndarray  # (N, H, W, 3) uint8, RGB
    fps: float  # frames a second
    name: str = ""  # how to speak of it: a file's name, a Toybox seed; no part of the digest
    digest: str = field(init=False)  # sha256 of frames and fps

    def __post_init__(self) -> None:
        if self.frames.dtype != np.uint8 or self.frames.ndim != 4 or self.frames.shape[3] != 3:
            raise ValueError(
                f"expected frames (N, H, W, 3) uint8, got {self.frames.shape} {self.frames.dtype}"
            )
        if len(self.frames) < 2:
            raise InputError(f"the clip has {len(self.frames)} frame; motion needs at least 2")
        if not self.fps > 0:
            raise ValueError(f"expected fps > 0, got {self.fps}")
        object.__setattr__(self, "digest", digest_of(self.frames, float(self.fps)))
        seal(self)

    @property
    def seconds(self) -> float:
        """Duration, N / fps."""
        return len(self.frames) / self.fps


@dataclass(frozen=True)
class Probe:
    """What a video file says of itself; nothing of it has been decoded."""

    seconds: float
    fps: float  # frames a second in the file; a clip has at most 30
    width: int  # pixels, as stored
    height: int
    codec: str
    frames: int  # in the file; an estimate where it is long
    needs_window: bool  # too long to be read without a ``start``


def probe(path: str | Path, name: str | None = None, timeout: float = TIMEOUT) -> Probe:
    """Describe a video file; what can never become a clip is an InputError here already."""
    file, name = _file(path, name)
    return Probe(**child.describe(file, name, timeout))


def read_clip(
    path: str | Path,
    start: float | None = None,
    name: str | None = None,
    progress: Progress = silent,
    timeout: float = TIMEOUT,
) -> Clip:
    """Decode a video file to a short side of 256 pixels and a constant rate of at most 30 frames/s.

    Args:
        start: seconds; where a window of at most 20 s begins. None: the whole file, if it is short.
        name: how to speak of it, if not by the file's name.
        timeout: seconds that decoding may take.
    """
    file, name = _file(path, name)
    if start is not None and not (math.isfinite(start) and start >= 0):
        raise InputError(f"the window of {name} starts at {start} s; 0 or more seconds are needed")
    frames, fps = child.decode(file, start, name, timeout, progress)
    if len(frames) < 2:
        found = "one frame" if len(frames) else "no frame"
        raise InputError(f"{name} gives {found}; motion needs at least 2")
    return Clip(frames, fps, name)


def _file(path: str | Path, name: str | None) -> tuple[Path, str]:
    """A regular file that can be read and is not empty, by its absolute path, and its name."""
    file = Path(path).absolute()
    name = spoken(name or file.name or str(file))
    try:
        if not file.is_file():
            found = "is not there"
            if file.exists():
                found = "is a folder" if file.is_dir() else "is no regular file"
            raise InputError(f"{name} {found}; a video file is needed")
        with file.open("rb") as opened:
            empty = not opened.read(1)
    except InputError:
        raise
    except (OSError, ValueError) as reason:  # ValueError: a name that no file can have
        why = reason.strerror if isinstance(reason, OSError) else "no file can be called so"
        why = f"cannot be opened ({why})"
        raise InputError(f"{name} {why}; a readable video file is needed") from reason
    if empty:
        raise InputError(f"{name} is empty; a video file is needed")
    return file, name
