"""Ramps: the colours that a map's values are drawn in, by the browser and in a film alike.

Maps lie on a darkened picture, whatever the page's theme, so their ramps are fixed; streams keep
their hues. Of signed maps, whatever their stream, red speaks for and turquoise against.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

RAMPS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "appearance": {"for": ["#003a5c", "#0072b2", "#56b4e9", "#a6dbfa"], "against": "#9be564"},
        "motion": {"for": ["#5c2800", "#b34e00", "#e69f00", "#ffd685"], "against": "#7fe0d0"},
        "fused": {"for": ["#4a103e", "#9c3584", "#d96bb8", "#f4b6de"], "against": "#9be564"},
        "signed": {
            "for": ["#b8321f", "#e8503c", "#ff7a66", "#ffc2b8"],
            "against": ["#137a72", "#25a99e", "#45cfc1", "#b5f2ea"],
            "root": True,  # a few cells hold most: by its square root the others are seen too
        },
    }
)
"""Name -> stops from weak to strong, of what speaks for and against."""

_FULL = 1.35  # times its strength is how opaque a cell is


def strength(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Values -> between 0, nothing, and 1, all; below 0 what speaks against, on a signed scale."""
    if low < 0:
        return values / max(-low, high)
    return (values - low) / (high - low) if high > low else np.zeros_like(values)


def tint(name: str, strengths: np.ndarray) -> np.ndarray:
    """(...) in -1..1 -> (..., 4) float32: red, green, blue in 0..255 and how opaque in 0..1."""
    ramp = RAMPS.get(name, RAMPS["fused"])
    size = np.clip(np.abs(strengths), 0, 1)
    size = np.sqrt(size) if ramp.get("root") else size
    found = np.empty((*strengths.shape, 4), np.float32)
    found[..., 3] = np.minimum(1, _FULL * size)
    for stops, where in ((ramp["for"], strengths >= 0), (ramp["against"], strengths < 0)):
        colours = np.array([_rgb(s) for s in ([stops] if isinstance(stops, str) else stops)])
        at = size[where] * (len(colours) - 1)
        for channel in range(3):
            found[where, channel] = np.interp(at, range(len(colours)), colours[:, channel])
    return found


def _rgb(colour: str) -> tuple[int, int, int]:
    r, g, b = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return r, g, b
