"""Streams: the names of a network's two streams, and their colours."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

STREAMS: tuple[str, str] = ("spatial", "temporal")

COLOURS: Mapping[str, str] = MappingProxyType(
    {"spatial": "appearance", "temporal": "motion", "fused": "fused"}
)
"""Each stream, and the fused maps -> name of its colour."""

LANES = tuple(COLOURS)
"""The three groups of a network's maps: both streams, then the fused maps."""
