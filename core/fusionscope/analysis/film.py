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
_TRACK = rgb(LIGHT["motion"])
_HEAD, _FOOT = 70, 48  # pixels above and below the panels of a film for a slide
_SLOWER = 0.5  # its speed
SLIDE_SECONDS = 6.0
"""The shortest duration of a film for a slide."""
_QUALITY = "20"  # constant rate factor of x264: visually lossless


def film(reel: Reel, show: Sequence[str] = (), progress: Progress = no_progress) -> bytes:
    """A reel -> MP4 (H.264, 4:2:0) at the clip's rate.

    Args:
        show: keys of panels, in order; empty: those that the reel shows.

    Raises:
        InputError: the reel has no such panel, or the disk is full.
    """
    return _encoded(_Sheet(reel, show), range(reel.frames), reel.fps, progress)


def slide_film(
    reel: Reel, says: str, show: Sequence[str] = (), progress: Progress = no_progress
) -> bytes:
    """As ``film``, for a slide: at half speed, repeated until it lasts ``SLIDE_SECONDS``.

    The words ``says`` stand above the panels, and a timeline with the chunks below them.
    """
    rate = reel.fps * _SLOWER
    times = math.ceil(SLIDE_SECONDS * rate / reel.frames)
    return _encoded(_Sheet(reel, show, says), [*range(reel.frames)] * times, rate, progress)


def _encoded(sheet: _Sheet, order: Sequence[int], fps: float, progress: Progress) -> bytes:
    """The frames of a sheet in an order -> MP4."""
    with (
        tempfile.TemporaryDirectory() as folder,
        atomic_write(Path(folder, "film"), "the film") as path,
    ):
        # the index is moved to the front, which needs a file
        with av.open(path, "w", "mp4", options={"movflags": "+faststart"}) as container:
            stream = container.add_stream("libx264", rate=Fraction(fps).limit_denominator(1001))
            stream.height, stream.width = sheet.pixels.shape[:2]
            stream.pix_fmt = "yuv420p"
            stream.options = {"crf": _QUALITY}
            for done, n in enumerate(order, 1):
                frame = av.VideoFrame.from_ndarray(sheet.drawn(n), format="rgb24")
                container.mux(stream.encode(frame))
                progress("pictures", done / len(order))
            container.mux(stream.encode())
        return path.read_bytes()


class _Sheet:
    """The panels in rows, ``pixels`` (H, W, 3) uint8, drawn anew for each frame.

    With ``says``, these words are above the panels and a timeline is below them.
    """

    def __init__(self, reel: Reel, show: Sequence[str], says: str = "") -> None:
        self._reel, self._says = reel, says
        self._panels = [_DrawnPanel(reel.panel(key), reel) for key in show or reel.shown]
        columns = min(_columns(reel), len(self._panels))
        rows = math.ceil(len(self._panels) / columns)
        width, height = reel.width + _GAP, reel.height + _STRIP + _GAP
        head, foot = (_HEAD, _FOOT) if says else (0, 0)
        shape = (head + rows * height + _GAP + foot) // 2 * 2, (columns * width + _GAP) // 2 * 2
        self.pixels = np.empty((*shape, 3), np.uint8)
        self.pixels[:] = _GROUND
        self._places = []
        for number, panel in enumerate(self._panels):
            row, column = divmod(number, columns)
            x, y = _GAP + column * width, head + _GAP + row * height
            self.pixels[y : y + _STRIP, x : x + reel.width] = panel.words()
            rows_of = slice(y + _STRIP, y + height - _GAP)
            self._places.append((rows_of, slice(x, x + reel.width)))
        if says:
            self.pixels[:head] = self._words()

    def drawn(self, n: int) -> np.ndarray:
        """The sheet at a frame."""
        for panel, place in zip(self._panels, self._places, strict=True):
            self.pixels[place] = panel.drawn(n)
        if self._says:
            self.pixels[-_FOOT:] = self._timeline(n)
        return self.pixels

    def _words(self) -> np.ndarray:
        """(head, W, 3) uint8: the words in at most two lines."""
        picture = Image.new("RGB", (self.pixels.shape[1], _HEAD), _GROUND)
        pen, font = ImageDraw.Draw(picture), ImageFont.load_default(24)
        lines = _wrapped(self._says, picture.width - 2 * _GAP, font)
        for line, y in zip(lines[:2], (6, 36), strict=False):
            pen.text((_GAP, y), line, _INK, font)
        return np.asarray(picture)

    def _timeline(self, n: int) -> np.ndarray:
        """(foot, W, 3) uint8: mean speed of each frame, the chunks, and the frame that is shown."""
        reel = self._reel
        picture = Image.new("RGB", (self.pixels.shape[1], _FOOT), _GROUND)
        pen, font = ImageDraw.Draw(picture), ImageFont.load_default(16)
        words = f"{n / reel.fps:.2f} s, half speed"
        start, end, base = _GAP, picture.width - _GAP - 190, _FOOT - 12
        step = (end - start) / max(reel.frames - 1, 1)
        top = reel.motion_limit or 1.0
        for at, speed in enumerate(reel.motion):
            x, y = start + at * step, base - 24 * min(speed / top, 1.0)
            pen.rectangle((x - step / 2, y, x + step / 2, base), _TRACK)
        for chunk in reel.chunks:
            x = start + chunk.frame * step
            pen.line((x, base, x, base + 8), _INK, 2)
        pen.line((start, base, end, base), _FAINT)
        x = start + n * step
        pen.line((x, 4, x, base + 8), _INK, 3)
        pen.text((end + 20, base - 18), words, _INK, font)
        return np.asarray(picture)


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
