"""Clip: a short sequence of frames at a constant rate, read from a file or generated."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from fusionscope.base.records import InputError, Progress, digest_of, no_progress, printable, seal
from fusionscope.video.reading import decoder_process
from fusionscope.video.reading.frame_times import ROUNDING, SECONDS

TIMEOUT = 60.0  # seconds, limit for decoding


@dataclass(frozen=True, eq=False)
class Clip:
    """Frames in order, identified by a digest of their content."""

    frames: np.ndarray  # (N, H, W, 3) uint8, RGB
    fps: float  # frames per second
    name: str = ""  # display name: a file name or a Toybox seed; not part of the digest
    notes: tuple[str, ...] = ()  # how the file was read, if not whole or as it is
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
    """Properties of a video file, read from its container without decoding a frame."""

    seconds: float
    fps: float  # frames per second in the file; a clip has at most 30
    width: int  # pixels, as stored
    height: int
    codec: str
    frames: int  # in the file; an estimate for long files
    needs_window: bool  # too long to be read whole


def probe(path: str | Path, name: str | None = None, timeout: float = TIMEOUT) -> Probe:
    """Describe a video file without decoding it.

    Raises:
        InputError: the file can never be read as a clip.
    """
    file, name = checked_file(path, name)
    return Probe(**decoder_process.describe(file, name, timeout))


def read_clip(
    path: str | Path,
    start: float | None = None,
    name: str | None = None,
    progress: Progress = no_progress,
    timeout: float = TIMEOUT,
    seconds: float | None = None,
    enlarge: bool = True,
) -> Clip:
    """Decode a video file to a short side of 256 pixels, at a constant rate of at most 30 frames/s.

    Args:
        start: seconds; start of the clip. None: 0. Of a longer file, 20 s are read; ``notes`` tell.
        name: display name; by default the file's name.
        timeout: seconds, limit for decoding.
        seconds: length of the clip, if shorter than the file and than 20 s; None: 20.
        enlarge: whether a shorter side is scaled up to 256 pixels.
    """
    file, name = checked_file(path, name)
    check_start(start, name)
    if seconds is not None and not (math.isfinite(seconds) and seconds > 0):
        raise InputError(f"the window of {name} lasts {seconds} s; it must last more than 0 s")
    frames, found = decoder_process.decode(file, start, name, timeout, progress, seconds, enlarge)
    if len(frames) < 2:
        found = "only 1 frame" if len(frames) else "no frames"
        raise InputError(f"{name} contains {found}; motion needs at least 2")
    notes = reading_notes(found, start or 0.0, min(seconds or SECONDS, SECONDS))
    return Clip(frames, found["fps"], name, notes)


def check_start(start: float | None, name: str) -> None:
    """Raise InputError unless a window can start at so many seconds; None is the file's start."""
    if start is not None and not (math.isfinite(start) and start >= 0):
        raise InputError(f"the window of {name} starts at {start} s; it must start at 0 s or later")


def reading_notes(found: Mapping[str, Any], start: float, most: float) -> tuple[str, ...]:
    """How a file was read, in words, if not whole or as it is.

    Args:
        found: the decoder's header.
        start, most: seconds; where the reading started, and how much was read at most.
    """
    notes, seconds = [], found["seconds"]
    if start > 0:
        end = min(start + most, seconds)
        notes.append(f"{start:g} s to {end:.1f} s of the {seconds:.1f} s in the file")
    elif seconds > most + ROUNDING:
        notes.append(f"the first {most:g} s of the {seconds:.1f} s in the file")
    if found["hdr"]:
        notes.append(f"HDR ({found['hdr']}) tone-mapped to SDR")
    return tuple(notes)


def checked_file(path: str | Path, name: str | None = None) -> tuple[Path, str]:
    """Check that a path is a readable, non-empty file; return its absolute path and its name."""
    file = Path(path).absolute()
    name = printable(name or file.name or str(file))
    try:
        if not file.is_file():
            found = "not found"
            if file.exists():
                found = "is a folder" if file.is_dir() else "is not a regular file"
                found += "; a video file is needed"
            raise InputError(f"{name} {found}")
        with file.open("rb") as opened:
            empty = not opened.read(1)
    except InputError:
        raise
    except (OSError, ValueError) as reason:  # ValueError: a name that no file can have
        why = reason.strerror if isinstance(reason, OSError) else "invalid file name"
        why = f"cannot be opened ({why})"
        raise InputError(f"{name} {why}; a readable video file is needed") from reason
    if empty:
        raise InputError(f"{name} is empty; a video file is needed")
    return file, name
