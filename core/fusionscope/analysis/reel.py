"""Reel: all that the player draws of one or two runs: videos, panels with maps, a timeline.

``to_bytes`` writes the format that the player (components/player/reel.js) reads:

    4 bytes    length of the header, little-endian
    header     JSON: the fields of the record, and the offsets of pictures and maps in the payload
    payload    the WebP pictures of every video, then the maps, one byte per cell

Pictures of a video are numbered like the clip's frames; the last one is repeated for later frames.
Reels of one clip share their videos: a reel with other maps copies no picture.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any

import numpy as np

from fusionscope.analysis.panel import Box, Chunk, Look, MapOnPanel, Panel, Pin, Video
from fusionscope.base.records import InputError, digest_of, seal
from fusionscope.base.scales import robust_limit


@dataclass(frozen=True, eq=False)
class Reel:
    """Videos, panels and timeline of one clip."""

    clip: str  # its digest: another reel of the same clip continues at the same frame
    fps: float
    frames: int
    width: int
    height: int
    videos: Mapping[str, Video]
    panels: tuple[Panel, ...]
    shown: tuple[str, ...]  # keys of the panels shown initially
    chunks: tuple[Chunk, ...]
    motion: tuple[float, ...]  # mean speed in each frame, in pixels
    strongest: int | None = None  # chunk at which the view opens; None: it opens at the first frame
    look: Look | None = None
    paired: bool = False  # two runs: each panel of the first is followed by that of the second
    beside: tuple[float, ...] = ()  # the motion of the second run
    whose: str = ""  # the run whose chunks the timeline shows, if those of the other differ
    boxes: tuple[Box, ...] = ()

    def __post_init__(self) -> None:
        if len({panel.key for panel in self.panels}) < len(self.panels):
            raise ValueError(f"expected panels of different keys, got {', '.join(self.keys)}")
        for panel in self.panels:
            if panel.video not in self.videos:
                raise ValueError(f"panel {panel.key!r} has no video {panel.video!r}")
        for key in self.shown:
            self.panel(key)
        seal(self)

    @property
    def motion_limit(self) -> float:
        """The speed at the top of the motion track, in pixels a frame; see ``robust_limit``."""
        return robust_limit((*self.motion, *self.beside))

    def sums_limit(self, panel: Panel) -> float:
        """The top of the track of a panel's sums: panels on one scale share it."""
        alike = (one for one in self.panels if _scale(one) == _scale(panel))
        return max((abs(part) for one in alike for sums in one.sums for part in sums), default=0.0)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the panels, in order."""
        return tuple(panel.key for panel in self.panels)

    def panel(self, key: str) -> Panel:
        """The panel with a key.

        Raises:
            InputError: no panel has this key.
        """
        for panel in self.panels:
            if panel.key == key:
                return panel
        raise InputError(f"there is no panel {key!r}; there are {', '.join(self.keys)}")

    def chunks_of(self, panel: Panel) -> tuple[Chunk, ...]:
        """The chunks of the run that a panel belongs to."""
        return self.chunks if panel.chunks is None else panel.chunks

    def nearest_chunk(self, panel: Panel, frame: int) -> int:
        """The chunk of the panel's run that is nearest to a frame; 0 if it has none."""
        away = [abs(chunk.frame - frame) for chunk in self.chunks_of(panel)]
        return away.index(min(away)) if away else 0

    def grid_of(self, panel: Panel) -> MapOnPanel | None:
        """The map whose cells a mark on this panel selects: its own, else the fused one."""
        fused = (other for other in self.panels if other.stream == "fused")
        return next((one.map for one in (panel, *fused) if one.map), None)

    @cached_property
    def digest(self) -> str:
        """A digest of the content, without the choice of panels shown initially."""
        parts = (np.frombuffer(part, np.uint8) for part in self._payload())
        return digest_of(*parts, self._header)

    def to_bytes(self, shown: Sequence[str] = (), pin: Pin | None = None) -> bytes:
        """The reel in the player's format. Header and digest are computed once.

        Args:
            shown: keys of the panels to show initially; empty: those of the reel.

        Raises:
            InputError: a panel to show does not exist.
        """
        keys = [self.panel(key).key for key in shown or self.shown]
        choice = {"digest": self.digest, "shown": keys}
        choice |= {"pin": asdict(pin)} if pin else {}
        header = f"{self._header[:-1]}, {json.dumps(choice)[1:]}".encode()
        return b"".join((struct.pack("<I", len(header)), header, *self._payload()))

    def _payload(self) -> Iterator[bytes]:
        for video in self.videos.values():
            yield from map(video.at, range(self.frames))
        yield from (panel.map.cells.tobytes() for panel in self.panels if panel.map)

    @cached_property
    def _header(self) -> str:
        """All fields except ``shown``, as JSON."""
        names = ("clip", "fps", "frames", "width", "height", "motion")
        header: dict[str, Any] = {"version": 1, **{name: getattr(self, name) for name in names}}
        header["chunks"] = [asdict(chunk) for chunk in self.chunks]
        end, header["videos"] = 0, {}
        for name, video in self.videos.items():
            sizes = (len(video.at(n)) for n in range(self.frames))
            header["videos"][name] = [*accumulate(sizes, initial=end)]
            end = header["videos"][name][-1]
        header["panels"] = []
        for panel in self.panels:
            header["panels"].append(_panel_header(panel, end, self.sums_limit(panel)))
            end += panel.map.cells.size if panel.map else 0
        header["boxes"] = [asdict(box) for box in self.boxes]
        header["look"] = asdict(self.look) if self.look else None
        header["motionLimit"] = self.motion_limit
        header |= {} if self.strongest is None else {"strongest": self.strongest}
        more = {"paired": self.paired, "beside": self.beside, "whose": self.whose}
        return json.dumps(header | {name: value for name, value in more.items() if value})


def _scale(panel: Panel) -> tuple[Any, ...]:
    return (panel.unit, panel.map.low, panel.map.high) if panel.map else (panel.key,)


def _panel_header(panel: Panel, offset: int, sums_limit: float) -> dict[str, Any]:
    """The header's entry of a panel whose map is at ``offset`` in the payload."""
    names = ("key", "title", "detail", "stream", "video")
    header: dict[str, Any] = {name: getattr(panel, name) for name in names} | {"map": None}
    if panel.map is not None:
        grid = panel.map
        header["map"] = {"offset": offset, "shape": grid.cells.shape, "extent": grid.extent}
        header["map"] |= {"low": grid.low, "high": grid.high}
        header["map"] |= {"ramp": grid.ramp} if grid.ramp else {}
        header["map"] |= {"beyond": dict(grid.beyond)} if grid.beyond else {}
    if panel.sums:
        header |= {"sums": panel.sums, "sumsLimit": sums_limit}
    if panel.unit is not None:
        header["unit"] = panel.unit
    if panel.bar is not None:
        header["bar"] = asdict(panel.bar)
    if panel.chunks is not None:
        header["chunks"] = [asdict(chunk) for chunk in panel.chunks]
    return header
