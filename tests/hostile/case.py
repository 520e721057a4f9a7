"""Case: one hostile file and its allowed outcomes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

WHOLE, BEGINNING, SANE, REFUSED = "whole", "beginning", "sane", "refused"
"""Exactly these frames; the first of them, or a sentence; a clip as any is, or a sentence; a
sentence."""


@dataclass(frozen=True)
class Case:
    """A file, and how reading it may end. One sentence is right of any that is not whole."""

    name: str  # of the file, too
    content: bytes | Callable[[Path], object]  # bytes, or who writes the file at a path
    may: str = SANE
    frames: int = 12  # of which it is made, 0, 1, 2, ...
    says: str = ""  # a pattern that the sentence has
    seconds: float = 30.0  # that it is given

    def write(self, folder: Path) -> Path:
        """Put the file into a folder."""
        path = folder / self.name
        if isinstance(self.content, bytes):
            path.write_bytes(self.content)
        else:
            self.content(path)
        return path
