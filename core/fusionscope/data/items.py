"""Items: the clips of a data set."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Item:
    """One clip of a data set."""

    id: str  # unique in its set
    label: str
    path: Path
    fold: str  # a fold's number, or "train", "test", "unused"
    group: str  # clips from the same source, which must stay in the same split
    mask: Path | None = None  # the actor mask of each frame
    about: tuple[tuple[str, str], ...] = ()  # column and value: what else the list says of it
