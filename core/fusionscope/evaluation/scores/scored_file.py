"""Scored file: a file of scores, and what is known of it from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ScoredFile:
    """A file's content, and what is known of it from elsewhere."""

    path: Path
    content: bytes
    model: str
    head: str  # of a file with one head
    classes: tuple[str, ...]
    clips: Path | None

    @property
    def name(self) -> str:
        """The file's name, for errors."""
        return self.path.name
