"""Film: the panels of a reel side by side and in step, as an MP4 video."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from fusionscope.analysis.map_drawing import DrawnMap, ends_of, scale_bar
from fusionscope.analysis.panel import Box, Panel
from fusionscope.analysis.reel import Reel
from fusionscope.base.atomic_file import atomic_write
from fusionscope.base.palette import LIGHT, rgb
from fusionscope.base.records import Progress, no_progress

_STRIP, _GAP, _ROW = 44, 12, 4  # pixels for text, pixels between panels, panels a row
_GROUND, _INK, _FAINT = (rgb(LIGHT[name]) for name in ("ground", "ink", "muted"))
_QUALITY = "20"  # constant rate factor of x264: visually lossless


def film(reel: Reel, show: Sequence[str] = (), progress: Progress = no_progress) -> bytes:
    """A reel -> MP4 (H.264, 4:2:0) at the clip's rate.

    Args:
        show: keys of panels, in order; empty: those that the reel shows.

    Raises:
        InputError: the reel has no such panel, or the disk is full.
    """
    panels = [_DrawnPanel(reel.panel(key), reel) for key in show or reel.shown]
    columns = min(_columns(reel), len(panels))
    rows = math.ceil(len(panels) / columns)
    width, height = reel.width + _GAP, reel.height + _STRIP + _GAP
    sheet = np.empty(
        ((rows * height + _GAP) // 2 * 2, (columns * width + _GAP) // 2 * 2, 3), np.uint8
    )
    sheet[:] = _GROUND
    places = []
    for number, panel in enumerate(panels):
        row, column = divmod(number, columns)
        x, y = _GAP + column * width, _GAP + row * height
        sheet[y : y + _STRIP, x : x + reel.width] = panel.words()
        places.append((slice(y + _STRIP, y + height - _GAP), slice(x, x + reel.width)))
    with (
        tempfile.TemporaryDirectory() as folder,
        atomic_write(Path(folder, "film"), "the film") as path,
    ):
        # the index is moved to the front, which needs a file
        with av.open(path, "w", "mp4", options={"movflags": "+faststart"}) as container:
            rate = Fraction(reel.fps).limit_denominator(1001)
            stream = container.add_stream("libx264", rate=rate)
            stream.height, stream.width = sheet.shape[:2]
            stream.pix_fmt = "yuv420p"
            stream.options = {"crf": _QUALITY}
            for n in range(reel.frames):
                for panel, place in zip(panels, places, strict=True):
                    sheet[place] = panel.drawn(n)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(sheet, format="rgb24")))
                progress("pictures", (n + 1) / reel.frames)
            container.mux(stream.encode())
        return path.read_bytes()


def _columns(reel: Reel) -> int:
    """Panels in a row; with two runs, the second is below the first."""
    return math.ceil(len(reel.shown) / 2) if reel.paired else _ROW


class _DrawnPanel:
    """One panel, drawn frame by frame as the player draws it."""

    def __init__(self, panel: Panel, reel: Reel) -> None:
        self._panel, self._reel = panel, reel
        self._video = reel.videos[panel.video]
        self._map = DrawnMap(panel, panel.map, (reel.width, reel.height)) if panel.map else None

    def words(self) -> np.ndarray:
        """(strip, W, 3) uint8: title, detail and scale of the map."""
        width, grid = self._reel.width, self._panel.map
        strip = Image.new("RGB", (width, _STRIP), _GROUND)
        pen = ImageDraw.Draw(strip)
        pen.text((0, 0), self._panel.title, _INK, ImageFont.load_default(15))
        small, detail = ImageFont.load_default(11), self._panel.detail
        if grid:
            bar = Image.fromarray(scale_bar(grid, self._panel.stream))
            strip.paste(bar, (width - bar.width, 3))
            detail = f"{ends_of(grid)}; {detail}"
        for line, y in zip(_wrapped(detail, width, small), (18, 30), strict=False):
            pen.text((0, y), line, _FAINT, small)
        return np.asarray(strip)

    def drawn(self, n: int) -> np.ndarray:
        """(H, W, 3) uint8."""
        coded = np.frombuffer(self._video.at(n), np.uint8)
        picture = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR))[..., ::-1]
        if self._map is not None:
            chunk = self._reel.nearest_chunk(self._panel, n)
            picture = self._map.over(picture.astype(np.float32), chunk)
        for box in self._reel.boxes:
            if box.first <= n <= box.last:
                picture = _outlined(picture, box)
        return picture


def _outlined(picture: np.ndarray, box: Box) -> np.ndarray:
    """Outline an erased box."""
    height, width = picture.shape[:2]
    start = (round(box.x * width), round(box.y * height))
    end = (round((box.x + box.w) * width), round((box.y + box.h) * height))
    picture = np.ascontiguousarray(picture)
    cv2.rectangle(picture, start, end, (0, 0, 0), 2)
    return cv2.rectangle(picture, start, end, _GROUND, 1)


def _wrapped(text: str, width: int, font: Any) -> list[str]:
    """Wrap text to lines of a width in pixels."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
