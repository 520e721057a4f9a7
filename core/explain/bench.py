"""Bench: every attribution method asked in one way, with what it will take told before."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from core.explain.attribution import cams
from core.explain.attributions import Attribution, StreamMap, summed
from core.explain.cost import Cost
from core.explain.gradients import (
    KEPT,
    MOST,
    NODES,
    PIECES,
    SAMPLES,
    Found,
    integrated_gradients,
    rows_of,
    smooth_grad,
)
from core.explain.heatmaps import extent_of
from core.explain.methods import METHODS
from core.explain.occlusion import cost_of_occlusion, occlusion
from core.explain.shapley import cost_of_frame_shapley, frame_shapley
from core.explain.target import Target
from core.nets.network import Network
from core.records import InputError, Progress, silent, size_in_bytes
from core.trace import Trace

BASELINE = "training mean for appearance, no motion for motion"


@dataclass(frozen=True, eq=False)
class Question:
    """What a method is asked."""

    network: Network
    trace: Trace
    target: Target
    stage: str  # STREAM.STAGE, ``spatial`` and ``temporal`` both meaning both streams
    progress: Progress = silent


@dataclass(frozen=True, eq=False)
class _Answer:
    maps: dict[str, StreamMap]
    score: float
    change: float
    gap: float | None = None
    notes: tuple[str, ...] = ()


def stages_of(trace: Trace) -> list[str]:
    """Stages that Grad-CAM can be asked of, STREAM.STAGE, the last before the streams meet first.

    ``spatial.relu5`` stands for that stage of both streams.
    """
    before = {
        name: stream for stream in ("temporal", "spatial") for name in _drawn(trace, stream)
    }  # a stage that both have stands under spatial
    order = list(dict.fromkeys([*_drawn(trace, "spatial"), *_drawn(trace, "temporal")]))
    own = [f"{before[name]}.{name}" for name in order]
    fused = [f"fused.{name}" for name in _drawn(trace, "fused")]
    shared = [s for s in own if s.startswith("spatial")] or own
    last = next((s for s in reversed(shared) if ".relu" in s), shared[-1] if shared else "")
    return [*([last] if last else []), *fused, *(s for s in reversed(own) if s != last)]


def attribute(
    network: Network,
    trace: Trace,
    method: str,
    target: Target,
    stage: str = "",
    progress: Progress = silent,
) -> Attribution:
    """Ask a method what of a run speaks for a target.

    Args:
        method: one of ``METHODS``.
        stage: one of ``stages_of``, for a method that is asked of a stage; empty: the first.
        progress: told of ``attribution``; what it raises stops the work.

    Raises:
        InputError: there is no such method or stage, or the network cannot be asked this way.
    """
    if method not in METHODS:
        raise InputError(f"there is no method {method!r}; choose one of {', '.join(METHODS)}")
    begun = time.perf_counter()
    staged = METHODS[method].staged
    known = stages_of(trace) if staged else []
    if staged and not known:
        raise InputError(f"{trace.card.title} gives no map with a grid for each chunk to ask")
    stage = (stage or known[0]) if staged else ""
    if staged and stage not in known:
        raise InputError(f"there is no map {stage}; choose one of {', '.join(known)}")

    def told(_: str, done: float) -> None:
        progress("attribution", done)

    found = _ASKED[method](Question(network, trace, target, stage, told))
    absent = "" if staged else BASELINE
    return Attribution(
        method,
        target,
        found.maps,
        stage,
        absent,
        found.score,
        found.change,
        found.gap,
        time.perf_counter() - begun,
        found.notes,
    )


def cost_of_method(network: Network, trace: Trace, method: str, target: Target) -> Cost:
    """About what a method will take: asked of gradients by rule, of the others by one batch."""
    if method in _COSTS:
        costs = [
            _COSTS[method](network, trace.snippets, target, stream) for stream in trace.card.streams
        ]
        return Cost(
            sum(cost.passes for cost in costs),
            sum(cost.seconds for cost in costs),
            max(cost.bytes for cost in costs),
            min(cost.batch for cost in costs),
        )
    shown = size_in_bytes([trace.spatial, trace.temporal, trace.fused])
    usual = PIECES * NODES * 4  # measured: 32 to 68 is the median of most networks, some take 600
    passes = {"integrated-gradients": min(usual, MOST), "smoothgrad": SAMPLES}.get(method, 1)
    rows = rows_of(shown)
    return Cost(passes, 3 * passes * trace.seconds["forward"], rows * KEPT * shown, rows)


def _cam(ask: Question, *, rectified: bool) -> _Answer:
    stream, _, name = ask.stage.partition(".")
    streams = ("fused",) if stream == "fused" else ask.trace.card.streams
    asked = [(s, name) for s in streams if name in ask.trace.maps(s)]
    found, score = cams(ask.network, ask.trace.snippets, asked, ask.target)
    extent, guess = extent_of(ask.trace, ask.network, name, _grid(ask.trace, asked[0]))
    maps, notes = {}, []
    for (s, _), cells in zip(asked, found, strict=True):
        if cells is None:
            cells = np.zeros((len(ask.trace.maps(s)[name]), *_grid(ask.trace, (s, name))))
            notes.append(f"The {ask.target.head} head does not look at {s} {name}.")
        maps[s] = StreamMap(np.maximum(cells, 0) if rectified else cells, extent)
    notes += [f"The grid of {name} is{guess.removeprefix(',')}."] if guess else []
    return _Answer(maps, score, score, notes=tuple(notes))


def _integrated(ask: Question) -> _Answer:
    found = integrated_gradients(ask.network, ask.trace.snippets, ask.target, ask.progress)
    note = f"{found.passes} gradients along the path."
    if abs(found.gap) > 0.01 * abs(found.change):
        note += (
            " The score bends so sharply on its way from the baseline, or ends so near to where it "
            "began, that the maps add up less closely than to 1 % of its change."
        )
    return _Answer(_both(ask, found), found.score, found.change, found.gap, (note,))


def _smooth(ask: Question) -> _Answer:
    found = smooth_grad(ask.network, ask.trace.snippets, ask.target, ask.progress)
    return _Answer(_both(ask, found), found.score, found.change)


def _both(ask: Question, found: Found) -> dict[str, StreamMap]:
    maps = {"spatial": found.rgb, "temporal": found.flow}
    return {stream: StreamMap(summed(maps[stream])) for stream in ask.trace.card.streams}


def _occluded(ask: Question) -> _Answer:
    maps, score, note = {}, 0.0, ""
    for share, stream in _shares(ask):
        found = occlusion(ask.network, ask.trace.snippets, ask.target, stream, progress=share)
        maps[stream] = StreamMap(found.cells, found.patches.extent)
        score, note = found.score, f"Patches of {found.patches.patch} pixels in one chunk each."
    return _Answer(maps, score, score, notes=(note,))


def _shapley(ask: Question) -> _Answer:
    maps, score, gap, change = {}, 0.0, 0.0, 0.0
    for share, stream in _shares(ask):
        found = frame_shapley(ask.network, ask.trace.snippets, ask.target, stream, progress=share)
        maps[stream] = StreamMap(found.shares[:, None, None])
        score = found.score
        change += found.score - found.empty
        gap += float(found.shares.sum()) - (found.score - found.empty)
    note = "Each stream's chunks share out what the score loses without that stream."
    return _Answer(maps, score, change, gap, (note,))


def _shares(ask: Question) -> list[tuple[Progress, str]]:
    """Each stream with its part of the way."""
    streams = ask.trace.card.streams

    def part(k: int) -> Progress:
        return lambda stage, done: ask.progress(stage, (k + done) / len(streams))

    return [(part(k), stream) for k, stream in enumerate(streams)]


def _grid(trace: Trace, at: tuple[str, str]) -> tuple[int, int]:
    _, _, height, width = trace.maps(at[0])[at[1]].shape
    return height, width


def _drawn(trace: Trace, stream: str) -> list[str]:
    """The stages of a stream that have a grid for each chunk."""
    return [
        name
        for name, maps in trace.maps(stream).items()
        if len(maps) == len(trace.snippets.frames) and maps.shape[2] * maps.shape[3] > 1
    ]


_ASKED: Mapping[str, Callable[[Question], _Answer]] = MappingProxyType(
    {
        "grad-cam": lambda ask: _cam(ask, rectified=True),
        "grad-cam-signed": lambda ask: _cam(ask, rectified=False),
        "integrated-gradients": _integrated,
        "smoothgrad": _smooth,
        "occlusion": _occluded,
        "shapley": _shapley,
    }
)

_COSTS: Mapping[str, Callable[..., Cost]] = MappingProxyType(
    {"occlusion": cost_of_occlusion, "shapley": cost_of_frame_shapley}
)
