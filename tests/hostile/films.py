"""Films: valid files from which hostile ones are made, with twelve frames of bars each."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.videos import numbered

_HOW: dict[str, tuple[str, dict[str, Any]]] = {
    "mp4": ("mp4", {"options": {"g": "4", "bf": "0"}, "front": True}),
    "late.mp4": ("mp4", {"options": {"g": "4"}}),
    "mov": ("mov", {"codec": "mjpeg", "pix_fmt": "yuvj420p"}),
    "mkv": ("mkv", {"options": {"g": "4", "bf": "0"}}),
    "webm": ("webm", {"codec": "libvpx"}),
    "avi": ("avi", {"codec": "mjpeg", "pix_fmt": "yuvj420p"}),
    "ts": ("ts", {"options": {"g": "4", "bf": "0"}}),
    "mpg": ("mpg", {"codec": "mpeg2video", "fps": 25}),
    "flv": ("flv", {"codec": "flv"}),
    "gif": ("gif", {"codec": "gif", "pix_fmt": "gray"}),
    "wmv": ("wmv", {"codec": "wmv2"}),
    "ogv": ("ogv", {"codec": "libvpx"}),
    "y4m": ("y4m", {"codec": "wrapped_avframe"}),
}
KINDS = tuple(_HOW)


KEPT = "FUSIONSCOPE_TESTS_FILMS"
"""Environment variable: a folder whose films are used, so that two processes have the same ones."""


@cache
def film(kind: str, frames: int = 12) -> bytes:
    """A good file of a kind."""
    suffix, how = _HOW[kind]
    with TemporaryDirectory() as folder:
        path = Path(os.environ.get(KEPT) or folder, f"{frames}-{kind}.{suffix}")
        if not path.exists():
            numbered(path, frames, **how)
        return path.read_bytes()


def films() -> Iterator[tuple[str, bytes]]:
    """Every kind, with its good file."""
    yield from ((kind, film(kind)) for kind in KINDS)
