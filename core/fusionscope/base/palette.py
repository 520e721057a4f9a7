"""Palette: every colour of the project, by what it means.

Appearance, motion and fused have one colour each (Okabe and Ito); signed values have one pair:
positive red, negative blue. The accent marks controls and is none of these. Text colours have a
contrast of at least 4.5 on their ground; colours that are compared differ for viewers with
protanopia and deuteranopia too. Outside this file, only black, white and pure greys are written.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

LIGHT: Mapping[str, str] = MappingProxyType(
    {
        "appearance": "#0072b2",
        "motion": "#ad5600",
        "fused": "#7b1e67",
        "positive": "#a50026",
        "negative": "#2f2fd6",
        "accent": "#007a57",
        "ink": "#1b1f24",
        "muted": "#606770",
        "ground": "#ffffff",
        "raised": "#f4f5f7",
        "line": "#d9dde2",
        "middle": "#868d95",
        "alarm": "#a4262c",
    }
)
"""Colours on a light page. Middle: bars without a stream, zero lines; raised: of fields."""

DARK: Mapping[str, str] = MappingProxyType(
    {
        "appearance": "#5ab4e5",
        "motion": "#f0a43c",
        "fused": "#cc79a7",
        "positive": "#ff5c72",
        "negative": "#8080ff",
        "accent": "#6fdda8",
        "ink": "#e9ecef",
        "muted": "#adb3ba",
        "ground": "#14171b",
        "raised": "#1e2329",
        "line": "#343b44",
        "middle": "#666d75",
        "alarm": "#ff9a9a",
    }
)
"""The same on a dark page."""

ON_PICTURES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "appearance": ("#003a5c", "#0072b2", "#56b4e9", "#a6dbfa"),
        "motion": ("#5c2800", "#b34e00", "#e69f00", "#ffd685"),
        "fused": ("#4a103e", "#9c3584", "#d96bb8", "#f4b6de"),
        "positive": ("#8f0f2e", "#d8284a", "#ff6b7f", "#ffbcb8"),
        "negative": ("#3a3ad0", "#5c5cf5", "#8f8fff", "#c6c9ff"),
    }
)
"""Colours of values over pictures, from weak to strong; the same on light and dark pages."""

SHADE = "#0a0c10"
"""Darkens a picture under a map."""

SCALE_GROUND = "#33363d"
"""The ground of a colour bar: a picture darkened by the shade."""

ARROW_EDGE = "#281200"
"""The edge of the arrows of flow."""

RECORDING = "#ff4b4b"
"""The lamp of the webcam."""

CLASSES = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442")
"""Colours of classes that are compared along time (Okabe and Ito); others have ``OTHER_CLASS``."""

OTHER_CLASS = "#8a8f98"

LOGO = ("#3a92cc", "#d9822b", "#a95bb0", "#6f7b8a")
"""Appearance, motion, fused and outline of the logo, for light and dark tabs alike."""


def rgb(colour: str) -> tuple[int, int, int]:
    """``#rrggbb`` -> red, green and blue in 0..255."""
    r, g, b = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return r, g, b
