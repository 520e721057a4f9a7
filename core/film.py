"""Film: a reel's panels side by side, in step, as a video that plays anywhere."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from core.draft import draft
from core.ramps import strength, tint
from core.records import InputError, Progress, silent
from core.reel import unpack_header, unpack_payload

OPACITY = 0.8  # of maps, as the player begins
_STRIP, _GAP, _ROW = 44, 12, 4  # pixels for words, pixels between panels, panels in a row
_GROUND, _INK, _FAINT = (255, 255, 255), (27, 31, 36), (96, 103, 112)
_DARK = np.array((10, 12, 16), np.float32)  # what a picture is darkened by below a map
_QUALITY = "20"  # x264's constant rate factor: no loss to be seen


def film(reel: bytes, show: Sequence[str] = (), progress: Progress = silent) -> bytes:
    """A reel -> MP4 (H.264, 4:2:0) at the clip's rate.

    Args:
        show: keys of panels, in order; none: those that the reel shows.

    Raises:
        InputError: it has no such panel, or the disk is full.
    """
    header, payload = unpack_header(reel), unpack_payload(reel)
    known = {panel["key"]: panel for panel in header["panels"]}
    for key in show:
        if key not in known:
            raise InputError(f"there is no panel {key!r}; there are {', '.join(known)}")
    panels = [_Panel(known[key], header, payload) for key in show or header["shown"]]
    columns = min(_columns(header), len(panels))
    rows = math.ceil(len(panels) / columns)
    width, height = header["width"] + _GAP, header["height"] + _STRIP + _GAP
    sheet = np.empty(
        ((rows * height + _GAP) // 2 * 2, (columns * width + _GAP) // 2 * 2, 3), np.uint8
    )
    sheet[:] = _GROUND
    places = []
    for number, panel in enumerate(panels):
        row, column = divmod(number, columns)
        x, y = _GAP + column * width, _GAP + row * height
        sheet[y : y + _STRIP, x : x + header["width"]] = panel.words()
        places.append((slice(y + _STRIP, y + height - _GAP), slice(x, x + header["width"])))
    with tempfile.TemporaryDirectory() as folder, draft(Path(folder, "film"), "the film") as path:
        # its index goes to the front: that needs a file
        with av.open(path, "w", "mp4", options={"movflags": "+faststart"}) as container:
            rate = Fraction(header["fps"]).limit_denominator(1001)
            stream = container.add_stream("libx264", rate=rate)
            stream.height, stream.width = sheet.shape[:2]
            stream.pix_fmt = "yuv420p"
            stream.options = {"crf": _QUALITY}
            for n in range(header["frames"]):
                for panel, place in zip(panels, places, strict=True):
                    sheet[place] = panel.drawn(n)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(sheet, format="rgb24")))
                progress("pictures", (n + 1) / header["frames"])
            container.mux(stream.encode())
        return path.read_bytes()


def _columns(header: Mapping[str, Any]) -> int:
    """Panels in a row; of a pair of runs what is stands below what was."""
    return math.ceil(len(header["shown"]) / 2) if header.get("paired") else _ROW


class _Panel:
    """One panel, drawn frame by frame as the player draws it."""

    def __init__(
        self, panel: dict[str, Any], header: Mapping[str, Any], payload: memoryview
    ) -> None:
        self._panel, self._header, self._payload = panel, header, payload
        chunks = panel.get("chunks", header["chunks"])
        frames = np.array([chunk["frame"] for chunk in chunks])
        self._nearest = [int(np.abs(frames - n).argmin()) for n in range(header["frames"])]
        self._maps: dict[int, np.ndarray] = {}  # of chunks: (H, W, 4) colour times alpha, and alpha

    def words(self) -> np.ndarray:
        """(strip, W, 3) uint8: title, and what must stand beside the map."""
        width, known = self._header["width"], self._panel["map"]
        strip = Image.new("RGB", (width, _STRIP), _GROUND)
        pen = ImageDraw.Draw(strip)
        pen.text((0, 0), self._panel["title"], _INK, ImageFont.load_default(15))
        small, detail = ImageFont.load_default(11), self._panel["detail"]
        if known:
            detail += f"; {known['low']:.3g} to {known['high']:.3g}"
        for line, y in zip(_broken(detail, width, small), (18, 30), strict=False):
            pen.text((0, y), line, _FAINT, small)
        return np.asarray(strip)

    def drawn(self, n: int) -> np.ndarray:
        """(H, W, 3) uint8."""
        start, end = self._header["videos"][self._panel["video"]][n : n + 2]
        coded = np.frombuffer(self._payload[start:end], np.uint8)
        picture = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR))[..., ::-1]
        if self._panel["map"] is not None:
            picture = self._overlaid(picture.astype(np.float32), self._nearest[n])
        for box in self._header.get("boxes", ()):
            if box["first"] <= n <= box["last"]:
                picture = _outlined(picture, box)
        return picture

    def _overlaid(self, picture: np.ndarray, chunk: int) -> np.ndarray:
        """The picture greyed and darkened, and the map over it."""
        grey = picture @ np.array((0.3, 0.59, 0.11), np.float32)
        picture = (1 - OPACITY) * picture + OPACITY * grey[..., None]
        dark = OPACITY * (0.8 if self._panel["video"].endswith("flow") else 0.6)
        picture = (1 - dark) * picture + dark * _DARK
        cells = self._spread(chunk)
        picture = (1 - OPACITY * cells[..., 3:]) * picture + OPACITY * cells[..., :3]
        return np.clip(picture + 0.5, 0, 255).astype(np.uint8)

    def _spread(self, chunk: int) -> np.ndarray:
        """(H, W, 4) float32: a chunk's cells where they look, smooth from cell to cell."""
        if chunk not in self._maps:
            known, (height, width) = (
                self._panel["map"],
                (self._header["height"], self._header["width"]),
            )
            _, rows, columns = known["shape"]
            start = known["offset"] + chunk * rows * columns
            held = np.frombuffer(self._payload[start : start + rows * columns], np.uint8)
            values = known["low"] + held / 255 * (known["high"] - known["low"])
            name = known.get("ramp", self._panel["stream"])
            cells = tint(name, strength(values, known["low"], known["high"])).reshape(
                rows, columns, 4
            )
            cells[..., :3] *= cells[..., 3:]
            left, top, right, bottom = known["extent"]
            x, y = (right - left) * width / columns, (bottom - top) * height / rows
            lie = np.array([[x, 0, left * width + (x - 1) / 2], [0, y, top * height + (y - 1) / 2]])
            self._maps[chunk] = _placed(cells, lie, (width, height), known["extent"])
        return self._maps[chunk]


def _placed(
    cells: np.ndarray, lie: np.ndarray, size: tuple[int, int], extent: Sequence[float]
) -> np.ndarray:
    """Cells scaled to where they lie in a picture of (width, height); beyond them nothing."""
    edge = cv2.copyMakeBorder(cells, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    lie = lie - lie[:, :2] @ np.array([[0, 0, 1], [0, 0, 1.0]])  # for the border put about them
    found = cv2.warpAffine(edge, lie, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    width, height = size
    left, top, right, bottom = (
        round(v * s) for v, s in zip(extent, (width, height) * 2, strict=True)
    )
    inside = np.zeros((height, width, 1), np.float32)
    inside[max(0, top) : max(0, bottom), max(0, left) : max(0, right)] = 1
    return found * inside


def _outlined(picture: np.ndarray, box: Mapping[str, float]) -> np.ndarray:
    """The edge of a box that was erased."""
    height, width = picture.shape[:2]
    start = (round(box["x"] * width), round(box["y"] * height))
    end = (round((box["x"] + box["w"]) * width), round((box["y"] + box["h"]) * height))
    picture = np.ascontiguousarray(picture)
    cv2.rectangle(picture, start, end, (0, 0, 0), 2)
    return cv2.rectangle(picture, start, end, _GROUND, 1)


def _broken(text: str, width: int, font: Any) -> list[str]:
    """Words in lines that fit."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
