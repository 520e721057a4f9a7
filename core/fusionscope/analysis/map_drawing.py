"""Map drawing: a map over a picture, as the player draws it.

Where a map ends before the picture does, its colours fade out, and light lines mark what is beyond:
there the map has no value, which differs from a value of 0. Negative cells are hatched.
"""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from fusionscope.analysis.panel import MapOnPanel, Panel
from fusionscope.base.colour_ramps import SIGNED, strength, tint
from fusionscope.base.palette import SCALE_GROUND, SHADE, rgb

OPACITY = 0.8  # of maps; the player's initial value
_LIGHT = 0.25  # opacity of the lines beyond a map
_BAR, _HATCH = (64, 12), 7  # width and height of a colour bar, pixels between two lines
_DARK = np.array(rgb(SHADE), np.float32)  # the colour that darkens a picture under a map


class DrawnMap:
    """The map of a panel, drawn over pictures of one size."""

    def __init__(self, panel: Panel, grid: MapOnPanel, size: tuple[int, int]) -> None:
        self._panel, self._grid, self._size = panel, grid, size
        self._maps: dict[int, tuple[np.ndarray, np.ndarray]] = {}  # chunk -> colours, hatching
        self._border = soft_border(grid, *size)
        self._beyond = _LIGHT * (1 - self._border) * hatch(size[1], size[0])[:, ::-1]

    def over(self, picture: np.ndarray, chunk: int) -> np.ndarray:
        """(H, W, 3) float32 -> uint8: greyed, darkened, with the map, as far as the map reaches."""
        grey = picture @ np.array((0.3, 0.59, 0.11), np.float32)
        picture = (1 - OPACITY) * picture + OPACITY * grey[..., None]
        dark = OPACITY * (0.8 if self._panel.video.endswith("flow") else 0.6)
        picture = (1 - dark) * picture + dark * _DARK
        cells, hatching = self._interpolated(chunk)
        opacity = OPACITY * self._border
        picture = (1 - opacity * cells[..., 3:]) * picture + opacity * cells[..., :3]
        picture = (1 - opacity * hatching) * picture
        picture += OPACITY * self._beyond * (255 - picture)
        return np.clip(picture + 0.5, 0, 255).astype(np.uint8)

    def _interpolated(self, chunk: int) -> tuple[np.ndarray, np.ndarray]:
        """The cells of a chunk over their extent, interpolated between cells.

        (H, W, 4) float32, colour times opacity and opacity; and (H, W, 1), the opacity of the
        lines that hatch negative cells.
        """
        if chunk not in self._maps:
            grid, (width, height) = self._grid, self._size
            values = strength(grid.values[chunk], grid.low, grid.high)
            rows, columns = values.shape
            cells = tint(ramp_of(grid, self._panel.stream), values)
            cells[..., :3] *= cells[..., 3:]
            negative = np.where(values < 0, cells[..., 3], 0).astype(np.float32)
            left, top, right, bottom = grid.extent
            x, y = (right - left) * width / columns, (bottom - top) * height / rows
            affine = np.array(
                [[x, 0, left * width + (x - 1) / 2], [0, y, top * height + (y - 1) / 2]]
            )
            colours, lines = (
                _scaled(one, affine, (width, height)) for one in (cells, negative[..., None])
            )
            self._maps[chunk] = colours, lines * hatch(height, width)
        return self._maps[chunk]


def ramp_of(grid: MapOnPanel, stream: str) -> str:
    """The name of the colour ramp of a map: signed values have one, whatever the stream."""
    return grid.ramp or (SIGNED if grid.low < 0 else stream)


def soft_border(grid: MapOnPanel, width: int, height: int) -> np.ndarray:
    """(H, W, 1) float32: 1 over the map, 0 beyond its border, half a cell between the two.

    Beyond the border the map has no value, which differs from a value of 0.
    """
    left, top, right, bottom = grid.extent
    _, rows, columns = grid.cells.shape
    down = _soft_edges(height, top, bottom, rows)
    across = _soft_edges(width, left, right, columns)
    return (down[:, None] * across)[..., None].astype(np.float32)


def _soft_edges(pixels: int, low: float, high: float, cells: int) -> np.ndarray:
    """(pixels,) along one side; an edge at that of the picture, or beyond, is not softened."""
    at, fade = np.arange(pixels) + 0.5, (high - low) * pixels / cells / 2
    before = (at - low * pixels) / fade if low * pixels > 1 else 1.0
    after = (high * pixels - at) / fade if high * pixels < pixels - 1 else 1.0
    return np.clip(np.minimum(np.broadcast_to(before, pixels), after), 0, 1)


def hatch(height: int, width: int) -> np.ndarray:
    """(H, W, 1) float32: 1 on diagonal lines, as in the player."""
    rows, columns = np.indices((height, width))
    return ((rows + columns) % _HATCH == 0)[..., None].astype(np.float32)


def scale_bar(grid: MapOnPanel, stream: str) -> np.ndarray:
    """(h, w, 3) uint8: the colours from low to high, negative ones hatched, with minus, 0, plus."""
    width, height = _BAR
    values = np.linspace(grid.low, -grid.low if grid.low < 0 else grid.high, width)
    bar = tint(ramp_of(grid, stream), strength(values, grid.low, grid.high))
    colours = bar[:, 3:] * bar[:, :3] + (1 - bar[:, 3:]) * np.array(rgb(SCALE_GROUND))
    rows = np.repeat(colours[None], height, axis=0)
    rows *= 1 - 0.6 * hatch(height, width) * (values < 0)[:, None]
    drawn = Image.fromarray(rows.astype(np.uint8))
    if grid.low < 0:
        pen, font = ImageDraw.Draw(drawn), ImageFont.load_default(11)
        for sign, x, ink in (
            ("\N{MINUS SIGN}", 3, 0),
            ("0", width // 2 - 3, 255),
            ("+", width - 9, 0),
        ):
            pen.text((x, -1), sign, (ink, ink, ink), font)
    return np.asarray(drawn)


def ends_of(grid: MapOnPanel) -> str:
    """The limits in words; an end with values beyond it says so."""
    high = -grid.low if grid.low < 0 else grid.high
    less = "at most " if any(value < grid.low for _, value in grid.beyond) else ""
    more = "at least " if any(value > grid.high for _, value in grid.beyond) else ""
    return f"{less}{grid.low:.3g} to {more}{high:.3g}".replace("-", "\N{MINUS SIGN}")


def _scaled(cells: np.ndarray, affine: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Scale cells (h, w, C) to a picture of (width, height); the outer ones go on to its edge."""
    found = cv2.warpAffine(
        cells, affine, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return found.reshape(size[1], size[0], -1)
