"""Colour ramps: colours of map values, in the browser and in exported video.

Maps are drawn over a darkened picture, independent of the page's theme, so the ramps are fixed.
Maps without negative values have the hue of their stream. A map with negative values has the two
colours of signed values, whatever its stream: red supports the class, blue opposes it. Negative
values are hatched as well, so that the sign is visible without colour.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from fusionscope.base.palette import ON_PICTURES, rgb

SIGNED = "signed"
"""The name of the ramp of signed values."""

RAMPS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        **{name: {"for": [*ON_PICTURES[name]]} for name in ("appearance", "motion", "fused")},
        SIGNED: {
            "for": [*ON_PICTURES["positive"]],
            "against": [*ON_PICTURES["negative"]],
            "root": True,  # a few cells dominate: the square root makes the others visible
        },
        # The map of a prediction that is no better than chance; the hatching shows the sign.
        "chance": {"for": ["#4d4d4d", "#8c8c8c", "#bfbfbf", "#ededed"]},
    }
)
"""Name -> colour stops from weak to strong, for support ("for") and opposition ("against")."""

_FULL = 1.35  # opacity of a cell divided by its strength


def strength(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Scale values to 0..1, or to -1..1 for a signed scale (``low`` < 0)."""
    if low < 0:
        return values / max(-low, high)
    return (values - low) / (high - low) if high > low else np.zeros_like(values)


def tint(name: str, strengths: np.ndarray) -> np.ndarray:
    """Colour strengths (...) in -1..1: (..., 4) float32, RGB in 0..255 and opacity in 0..1."""
    ramp = RAMPS.get(name, RAMPS["fused"])
    size = np.clip(np.abs(strengths), 0, 1)
    size = np.sqrt(size) if ramp.get("root") else size
    found = np.empty((*strengths.shape, 4), np.float32)
    found[..., 3] = np.minimum(1, _FULL * size)
    against = ramp.get("against", ramp["for"])
    for stops, where in ((ramp["for"], strengths >= 0), (against, strengths < 0)):
        colours = np.array([rgb(s) for s in stops])
        at = size[where] * (len(colours) - 1)
        for channel in range(3):
            found[where, channel] = np.interp(at, range(len(colours)), colours[:, channel])
    return found
