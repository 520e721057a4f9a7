"""Comparison reel: the runs of two networks on one clip, on one timeline.

Frame and flow are shared; the maps of the first network are A's, those of the second B's. Two maps
of the same kind (for ``why``: of the same class) are drawn on one scale, unless that would hide
one of them; the panel's detail line names the scale.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from fusionscope.analysis.analysis import Analysis
from fusionscope.analysis.panel import FLOW, FRAME
from fusionscope.analysis.reel import Reel
from fusionscope.analysis.run_reel import map_panel, own_scale
from fusionscope.base.scales import shared_scale
from fusionscope.explain.heatmaps import HeatMap, Reading, readings
from fusionscope.nets.network import Network
from fusionscope.nets.same_weights import SharedWeights, shared_weights

A, B = "A", "B"
_B_FLOW = "b:flow"  # the flow of the second network, if its method differs

_HIDDEN = 0.25
"""A map whose maximum is a smaller share of the other's would be invisible on one scale."""

_ENDS = ("fused", "temporal", "spatial")
"""Maps at the end of the streams: the first that a network has is shown initially."""


@dataclass(frozen=True)
class Comparison:
    """What two runs on one clip have in common: weights and a reel."""

    shared_weights: SharedWeights
    reel: Reel


def compare(networks: tuple[Network, Network], runs: tuple[Analysis, Analysis]) -> Comparison:
    """Compare two networks by their runs on one clip; A is first."""
    return Comparison(shared_weights(*networks), comparison_reel(*runs))


def comparison_reel(first: Analysis, second: Analysis) -> Reel:
    """Join the reels of two runs; videos are shared, not copied."""
    if first.trace.clip.digest != second.trace.clip.digest:
        raise ValueError("expected two runs on one clip, got two clips")
    reel, other = first.reel, second.reel
    videos, panels = dict(reel.videos), [reel.panel(FRAME), reel.panel(FLOW)]
    own_flow = first.trace.card.flow != second.trace.card.flow
    if own_flow:
        videos[_B_FLOW] = other.videos[FLOW]
        panels[1] = replace(panels[1], title=f"{A} flow")
        panels.append(replace(other.panel(FLOW), key=_B_FLOW, title=f"{B} flow", video=_B_FLOW))
    pictures = tuple(panel.key for panel in panels)
    own_chunks = other.chunks != reel.chunks
    for letter, heat, scale in paired_maps(first, second):
        panel = map_panel(heat, scale)
        if letter == B and own_flow and panel.video == FLOW:
            panel = replace(panel, video=_B_FLOW)
        if letter == B and own_chunks:
            panel = replace(panel, chunks=other.chunks)
        panels.append(panel)
    keys = [panel.key for panel in panels]
    wanted = (*pictures, *ends_of(keys), "a:why", "b:why")
    return replace(
        reel,
        videos=videos,
        panels=tuple(panels),
        shown=tuple(key for key in wanted if key in keys),
        whose=A if own_chunks and second.maps else "",
    )


def readings_of_both(
    first: Analysis, second: Analysis, frame: int, x: float, y: float
) -> list[Reading]:
    """The values of the flow and of every map of both networks at a place of a frame."""
    found = []
    for letter, run in ((A, first), (B, second)):
        flow, *maps = readings(run.trace, run.maps, frame, x, y)
        if letter == A or run.trace.card.flow != first.trace.card.flow:
            found.append(flow)
        found += [replace(one, name=f"{letter} {one.name}") for one in maps]
    return found


def paired_maps(
    first: Analysis, second: Analysis, names: tuple[str, str] = (A, B)
) -> Iterator[tuple[str, HeatMap, tuple[float, float]]]:
    """Every map of two runs with its scale, maps of the same kind side by side.

    Keys are ``a:`` or ``b:`` and the map's key; titles begin with the run's name.
    """
    sides = dict(zip(names, ({m.key: m for m in run.maps} for run in (first, second)), strict=True))
    letters = dict(zip(names, "ab", strict=True))
    for key in dict.fromkeys(key for maps in sides.values() for key in maps):
        pair = {name: maps[key] for name, maps in sides.items() if key in maps}
        scales = {name: own_scale(heat) for name, heat in pair.items()}
        words = "own scale"
        if len(pair) == 2 and (key != "why" or first.passes.said == second.passes.said):
            highs = [high for _, high in scales.values()]
            if min(highs) < _HIDDEN * max(highs):
                one, other = (
                    f"{name} to {high:.2g}" for name, high in zip(names, highs, strict=True)
                )
                words = f"own scale: {one}, {other}"
            else:
                words = f"one scale for {' and '.join(names)}"
                scales = dict.fromkeys(scales, shared_scale([*scales.values()]))
        for name, heat in pair.items():
            named = replace(
                heat,
                key=f"{letters[name]}:{heat.key}",
                title=f"{name} {heat.title}",
                detail=f"{heat.detail}; {words}",
            )
            yield name, named, scales[name]


def ends_of(keys: Sequence[str]) -> list[str]:
    """For each run, the map at the end of its streams, which is shown initially."""
    found = []
    for side in "ab":
        ends = [f"{side}:{end}" for end in _ENDS if f"{side}:{end}" in keys]
        found += ends[:1]
    return found
