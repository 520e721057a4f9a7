"""Palette: one colour each for appearance, motion and fused, on every screen (Okabe and Ito)."""

LIGHT = {"appearance": "#0072B2", "motion": "#B35A00", "fused": "#7B1E67"}
DARK = {"appearance": "#5AB4E5", "motion": "#F0A43C", "fused": "#CC79A7"}

HEADS = {
    "spatial": "appearance",
    "temporal": "motion",
    "spatiotemporal": "fused",
    "average": "fused",
}
"""Whose colour a head is drawn in."""
