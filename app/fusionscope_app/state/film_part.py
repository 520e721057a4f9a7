"""Film part: some seconds of a long video, as an id of their own.

``data:film.mp4#t=12,14.5`` are the seconds 12 to 14.5 of ``data:film.mp4``, as in media fragments
(W3C): every page opens them as it opens any clip.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TIME = r"[0-9]{1,4}(?:\.[0-9]{1,3})?"
_PART = re.compile(rf"(?P<whole>.+)#t=(?P<start>{_TIME}),(?P<end>{_TIME})")
_MOST = 20.0  # seconds of a clip


@dataclass(frozen=True)
class FilmPart:
    """The whole video's id, and the seconds of it."""

    whole: str
    start: float
    end: float

    @property
    def id(self) -> str:
        """The id of these seconds."""
        return f"{self.whole}#t={_shortest(self.start)},{_shortest(self.end)}"

    @property
    def seconds(self) -> float:
        """Their number."""
        return self.end - self.start

    @property
    def words(self) -> str:
        """The seconds, as a title adds them to a name."""
        return f"{self.start:.1f} s to {self.end:.1f} s"


def part_of(clip_id: str) -> FilmPart | None:
    """The part that an id names; None if it names no part that a clip can hold."""
    found = _PART.fullmatch(clip_id)
    if found is None:
        return None
    part = FilmPart(found["whole"], float(found["start"]), float(found["end"]))
    return part if 0 < part.seconds <= _MOST else None


def whole_of(clip_id: str) -> str:
    """The id of the whole video."""
    part = part_of(clip_id)
    return clip_id if part is None else part.whole


def _shortest(seconds: float) -> str:
    return f"{seconds:.3f}".rstrip("0").rstrip(".")
