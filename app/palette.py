"""Palette: one colour each for appearance, motion and fused, on every screen (Okabe and Ito)."""

from core.streams import COLOURS

LIGHT = {"appearance": "#0072B2", "motion": "#B35A00", "fused": "#7B1E67"}
DARK = {"appearance": "#5AB4E5", "motion": "#F0A43C", "fused": "#CC79A7"}

LIGHT_MAP = {
    **LIGHT,
    "ground": "#ffffff",
    "against": "#2E7D32",
    "speaks for": "#C43B28",
    "speaks against": "#12857C",
    "ink": "#1b1f24",
    "middle": "#b9bec4",
}
DARK_MAP = {
    **DARK,
    "ground": "#14171b",
    "against": "#7BC67E",
    "speaks for": "#FF7A66",
    "speaks against": "#45CFC1",
    "ink": "#e9ecef",
    "middle": "#6b7178",
}
"""The same for plots, with the page's ground and the colours of signed numbers."""

HEADS = {**COLOURS, "spatiotemporal": "fused", "average": "fused"}
"""Whose colour a head is drawn in."""

VARIABLES = " ".join(f"--fs-{name}: light-dark({LIGHT[name]}, {DARK[name]});" for name in LIGHT)
"""The same as properties of CSS."""
