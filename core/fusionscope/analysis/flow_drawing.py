"""Flow pictures: a field as colours, speed, arrows, or as the network's input (u and v)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import cv2
import numpy as np

from fusionscope.base.palette import ARROW_EDGE, ON_PICTURES, rgb
from fusionscope.video.flow.methods import BOUND, flow_colours, speed
from fusionscope.video.snippets import fed_field

SPEEDS = ("#000000", *ON_PICTURES["motion"])
"""From zero to full speed: the player's colour ramp of motion, on black."""

GREYS = ("#000000", "#ffffff")
CELL = 16  # pixels a side of the cell that an arrow represents
_FINE = 2  # scale of the picture with arrows, so that they are not jagged
_ARROW, _EDGE = rgb(SPEEDS[-1]), rgb(ARROW_EDGE)


@dataclass(frozen=True)
class Scale:
    """The scale shared by all fields shown together."""

    full: float  # pixels a frame, drawn in full colour or as an arrow of a cell's length
    size: tuple[int, int]  # height and width of the network's input


Picture = Callable[[np.ndarray, np.ndarray, Scale], np.ndarray]
"""A field (2, H, W) pixels, its frame (H, W, 3) uint8, the scale -> (h, w, 3) uint8."""


def _wheel(field: np.ndarray, frame: np.ndarray, scale: Scale) -> np.ndarray:  # noqa: ARG001
    return flow_colours(field, scale.full)


def _speed(field: np.ndarray, frame: np.ndarray, scale: Scale) -> np.ndarray:  # noqa: ARG001
    share = np.minimum(speed(field) / scale.full, 1.0)
    return _RAMP[(share * (len(_RAMP) - 1) + 0.5).astype(int)]


def _arrows(field: np.ndarray, frame: np.ndarray, scale: Scale) -> np.ndarray:
    """Draw the mean of each cell as an arrow from its middle; below one pixel, as a dot."""
    height, width = field.shape[1:]
    grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) // 2
    drawn = cv2.resize(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), (_FINE * width, _FINE * height))
    for top in range(0, height, CELL):
        for left in range(0, width, CELL):
            cell = field[:, top : top + CELL, left : left + CELL].astype(np.float32)
            middle = np.array((left + cell.shape[2] / 2, top + cell.shape[1] / 2))
            tip = middle + cell.mean(axis=(1, 2)) * (CELL / scale.full)
            _arrow(drawn, _FINE * middle, _FINE * tip)
    return drawn


def _arrow(drawn: np.ndarray, tail: np.ndarray, tip: np.ndarray) -> None:
    start, end = np.round(tail).astype(int).tolist(), np.round(tip).astype(int).tolist()
    length = float(np.hypot(*(tip - tail)))
    if length < _FINE:
        cv2.circle(drawn, start, 1, _ARROW, -1)
        return
    head = min(0.5, 8 / length)
    for colour, thick in ((_EDGE, 4), (_ARROW, 2)):
        cv2.arrowedLine(drawn, start, end, colour, thick, cv2.LINE_AA, tipLength=head)


def _u(field: np.ndarray, frame: np.ndarray, scale: Scale) -> np.ndarray:  # noqa: ARG001
    return np.repeat(fed_field(field, scale.size)[0, ..., None], 3, axis=2)


def _v(field: np.ndarray, frame: np.ndarray, scale: Scale) -> np.ndarray:  # noqa: ARG001
    return np.repeat(fed_field(field, scale.size)[1, ..., None], 3, axis=2)


def _ramp(stops: tuple[str, ...], steps: int = 256) -> np.ndarray:
    """Interpolate colours -> (steps, 3) uint8."""
    knots = np.array([rgb(stop) for stop in stops], float)
    at, where = np.linspace(0, 1, steps), np.linspace(0, 1, len(stops))
    return np.stack([np.interp(at, where, c) + 0.5 for c in knots.T], axis=1).astype(np.uint8)


_RAMP = _ramp(SPEEDS)

DRAWN: Mapping[str, Picture] = MappingProxyType(
    {"wheel": _wheel, "speed": _speed, "arrows": _arrows, "u": _u, "v": _v}
)
"""Name -> how a field is drawn."""

LEGENDS: Mapping[str, tuple[tuple[str, ...], float]] = MappingProxyType(
    {"speed": (SPEEDS, 0.0), "u": (GREYS, -BOUND), "v": (GREYS, -BOUND)}
)
"""Name -> colours from low to high, and the lowest value, where a colour bar applies."""
