"""Streams: the two that a network has, by the names of their towers, and what each is shown as."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

STREAMS: tuple[str, str] = ("spatial", "temporal")

COLOURS: Mapping[str, str] = MappingProxyType(
    {"spatial": "appearance", "temporal": "motion", "fused": "fused"}
)
"""Either stream, and what they have become where they have met -> whose colour it is drawn in."""

LANES = tuple(COLOURS)
"""Where a network's maps lie: either stream, first, then what they are fused into."""
