"""Comparison: two networks on one clip, packed into one reel with one time and one place.

Frame and flow are shared; the maps of the first network are A's, those of the second B's. Two maps
of the same thing (for ``why``: of the same class) are drawn on one scale, unless that would hide
one of them; the panel's detail line says which scale it is.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from core.explain.heatmaps import HeatMap, Reading, readings
from core.nets.kinship import Kinship, kinship
from core.nets.network import Network
from core.pipeline import Analysis
from core.reel import (
    add_pictures,
    map_panel,
    own_scale,
    unpack_header,
    unpack_payload,
    write_reel,
)

A, B = "A", "B"

_HIDDEN = 0.25
"""A map whose highest value is a smaller share of the other's would look like nothing beside it."""

_ENDS = ("fused", "temporal", "spatial")
"""Where a network's streams end, the most telling first: one of these is shown to begin with."""


@dataclass(frozen=True)
class Comparison:
    """What two runs on one clip show together, beside what each shows alone."""

    kinship: Kinship
    reel: bytes


def compare(networks: tuple[Network, Network], runs: tuple[Analysis, Analysis]) -> Comparison:
    """Two networks and their runs on one clip, A's before B's."""
    return Comparison(kinship(*networks), pack_comparison(*runs))


def pack_comparison(first: Analysis, second: Analysis) -> bytes:
    """One reel of two runs. Pictures are taken over as they were packed for each."""
    if first.trace.clip.digest != second.trace.clip.digest:
        raise ValueError("expected two runs on one clip, got two clips")
    header, other = dict(unpack_header(first.reel)), unpack_header(second.reel)
    payload = bytearray(unpack_payload(first.reel)[: header["videos"]["flow"][-1]])
    panels: list[dict[str, Any]] = header["panels"][:2]
    own_flow = first.trace.card.flow != second.trace.card.flow
    if own_flow:
        of_second = unpack_payload(second.reel)
        pictures = (bytes(of_second[a:b]) for a, b in pairwise(other["videos"]["flow"]))
        header["videos"] = {**header["videos"], "b:flow": add_pictures(payload, pictures)}
        panels[1]["title"] = f"{A} flow"
        panels.append(
            {**other["panels"][1], "key": "b:flow", "title": f"{B} flow", "video": "b:flow"}
        )
    shared = len(panels)
    for letter, heat, scale in paired_maps(first, second):
        panel = map_panel(payload, heat, scale)
        if letter == B and own_flow and panel["video"] == "flow":
            panel["video"] = "b:flow"
        if letter == B and other["chunks"] != header["chunks"]:
            panel["chunks"] = other["chunks"]
            header["whose"] = A  # of the chunks that the timeline shows
        panels.append(panel)
    header["panels"] = panels
    keys = [panel["key"] for panel in panels]
    header["shown"] = [*keys[:shared], *ends_of(keys), "a:why", "b:why"]
    return write_reel(header, payload)


def readings_of_both(
    first: Analysis, second: Analysis, frame: int, x: float, y: float
) -> list[Reading]:
    """What the flow and every map of either network hold at a place of a frame."""
    found = []
    for letter, run in ((A, first), (B, second)):
        flow, *maps = readings(run.trace, run.maps, frame, x, y)
        if letter == A or run.trace.card.flow != first.trace.card.flow:
            found.append(flow)
        found += [dataclasses.replace(one, name=f"{letter} {one.name}") for one in maps]
    return found


def paired_maps(
    first: Analysis, second: Analysis, names: tuple[str, str] = (A, B)
) -> Iterator[tuple[str, HeatMap, tuple[float, float]]]:
    """Every map of two runs, those of the same thing side by side, with its scale as drawn.

    Keys are ``a:`` and ``b:`` and the map's own; titles begin with the run's name.
    """
    sides = dict(zip(names, ({m.key: m for m in run.maps} for run in (first, second)), strict=True))
    letters = dict(zip(names, "ab", strict=True))
    for key in dict.fromkeys(key for maps in sides.values() for key in maps):
        pair = {name: maps[key] for name, maps in sides.items() if key in maps}
        scales = {name: own_scale(heat) for name, heat in pair.items()}
        words = "own scale"
        if len(pair) == 2 and (key != "why" or first.passes.said == second.passes.said):
            lows, highs = zip(*scales.values(), strict=True)
            if min(highs) < _HIDDEN * max(highs):
                one, other = (
                    f"{name} to {high:.2g}" for name, high in zip(names, highs, strict=True)
                )
                words = f"own scale: {one}, {other}"
            else:
                words = f"one scale for {' and '.join(names)}"
                scales = dict.fromkeys(scales, (min(lows), max(highs)))
        for name, heat in pair.items():
            named = dataclasses.replace(
                heat,
                key=f"{letters[name]}:{heat.key}",
                title=f"{name} {heat.title}",
                detail=f"{heat.detail}; {words}",
            )
            yield name, named, scales[name]


def ends_of(keys: Sequence[str]) -> list[str]:
    """The map of either run in which its streams end: shown to begin with."""
    found = []
    for side in "ab":
        ends = [f"{side}:{end}" for end in _ENDS if f"{side}:{end}" in keys]
        found += ends[:1]
    return found
