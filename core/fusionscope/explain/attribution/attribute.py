"""Attribute: run any attribution method by name, and estimate its cost beforehand."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from fusionscope.base.records import InputError, Progress, no_progress, size_in_bytes
from fusionscope.explain.attribution.cost import Cost
from fusionscope.explain.attribution.grad_cam import cams, stages_of
from fusionscope.explain.attribution.methods import ATTRIBUTION_METHODS, Method, describe_method
from fusionscope.explain.attribution.occlusion import cost_of_occlusion, occlusion
from fusionscope.explain.attribution.path_gradients import (
    KEPT,
    MOST,
    NODES,
    PIECES,
    SAMPLES,
    PathGradients,
    integrated_gradients,
    rows_of,
    smooth_grad,
)
from fusionscope.explain.attribution.records import Answer, Attribution, Question, StreamMap, summed
from fusionscope.explain.attribution.shapley import cost_of_frame_shapley, frame_shapley
from fusionscope.explain.map_extent import extent_of
from fusionscope.explain.target import Target
from fusionscope.nets.network import Network
from fusionscope.trace import Trace

BASELINE = "training mean for appearance, zero flow for motion"


Work = Callable[[Question], Answer]
Estimate = Callable[[Network, Trace, Target], Cost]


def register_method(name: str, method: Method, work: Work, cost: Estimate | None = None) -> None:
    """Add a method: its description, its work, and its cost (default: one gradient).

    Raises:
        ValueError: the name is taken.
    """
    describe_method(name, method)
    _work[name] = work
    if cost is not None:
        _costs[name] = cost


def attribute(
    network: Network,
    trace: Trace,
    method: str,
    target: Target,
    stage: str = "",
    progress: Progress = no_progress,
) -> Attribution:
    """Attribute a target score of a run to places, chunks or streams.

    Args:
        method: one of ``ATTRIBUTION_METHODS``.
        stage: one of ``stages_of``, for a method that works on a stage; empty: the first.
        progress: called with ``attribution``; an exception that it raises stops the work.

    Raises:
        InputError: no such method or stage, or the network does not support the method.
    """
    if method not in ATTRIBUTION_METHODS:
        raise InputError(
            f"there is no method {method!r}; choose one of {', '.join(ATTRIBUTION_METHODS)}"
        )
    begun = time.perf_counter()
    staged = ATTRIBUTION_METHODS[method].staged
    known = stages_of(trace) if staged else []
    if staged and not known:
        raise InputError(
            f"{trace.card.title} returns no map with a grid per chunk; Grad-CAM needs one"
        )
    stage = (stage or known[0]) if staged else ""
    if staged and stage not in known:
        raise InputError(f"there is no map {stage}; choose one of {', '.join(known)}")

    def report(_: str, done: float) -> None:
        progress("attribution", done)

    found = _work[method](Question(network, trace, target, stage, report))
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
    """Estimate the cost of a method: by rule for gradients, else by timing one batch."""
    return _costs.get(method, _gradients(1))(network, trace, target)


def _gradients(passes: int) -> Estimate:
    """The cost of so many gradients: by rule, three forward passes each."""

    def cost(network: Network, trace: Trace, target: Target) -> Cost:  # noqa: ARG001
        shown = size_in_bytes([trace.spatial, trace.temporal, trace.fused])
        rows = rows_of(shown)
        return Cost(passes, 3 * passes * trace.seconds["forward"], rows * KEPT * shown, rows)

    return cost


def _both_streams(of_stream: Callable[..., Cost]) -> Estimate:
    """The cost of both streams, from that of one: network, snippets, target, stream."""

    def cost(network: Network, trace: Trace, target: Target) -> Cost:
        costs = [of_stream(network, trace.snippets, target, one) for one in trace.card.streams]
        return Cost(
            sum(cost.passes for cost in costs),
            sum(cost.seconds for cost in costs),
            max(cost.bytes for cost in costs),
            min(cost.batch for cost in costs),
        )

    return cost


def _cam(ask: Question, *, rectified: bool) -> Answer:
    stream, _, name = ask.stage.partition(".")
    streams = ("fused",) if stream == "fused" else ask.trace.card.streams
    asked = [(s, name) for s in streams if name in ask.trace.maps(s)]
    found, score = cams(ask.network, ask.trace.snippets, asked, ask.target)
    extent, guess = extent_of(ask.trace, ask.network, name, _grid(ask.trace, asked[0]))
    maps, notes = {}, []
    for (s, _), cells in zip(asked, found, strict=True):
        if cells is None:
            cells = np.zeros((len(ask.trace.maps(s)[name]), *_grid(ask.trace, (s, name))))
            notes.append(f"The {ask.target.head} head does not use {s} {name}.")
        maps[s] = StreamMap(np.maximum(cells, 0) if rectified else cells, extent)
    notes += [f"The grid of {name} is{guess.removeprefix(',')}."] if guess else []
    return Answer(maps, score, score, notes=tuple(notes))


def _integrated(ask: Question) -> Answer:
    found = integrated_gradients(ask.network, ask.trace.snippets, ask.target, ask.progress)
    note = f"{found.passes} gradients along the path."
    if abs(found.gap) > 0.01 * abs(found.change):
        note += (
            " The maps add up less closely than to 1 % of the change of the score: the score is "
            "strongly non-linear along the path, or its change is very small."
        )
    return Answer(_both(ask, found), found.score, found.change, found.gap, (note,))


def _smooth(ask: Question) -> Answer:
    found = smooth_grad(ask.network, ask.trace.snippets, ask.target, ask.progress)
    return Answer(_both(ask, found), found.score, found.change)


def _both(ask: Question, found: PathGradients) -> dict[str, StreamMap]:
    maps = {"spatial": found.rgb, "temporal": found.flow}
    return {stream: StreamMap(summed(maps[stream])) for stream in ask.trace.card.streams}


def _occluded(ask: Question) -> Answer:
    maps, score, note = {}, 0.0, ""
    for share, stream in _shares(ask):
        found = occlusion(ask.network, ask.trace.snippets, ask.target, stream, progress=share)
        maps[stream] = StreamMap(found.cells, found.patches.extent)
        score, note = found.score, f"Patches of {found.patches.patch} pixels in one chunk each."
    return Answer(maps, score, score, notes=(note,))


def _shapley(ask: Question) -> Answer:
    maps, score, gap, change = {}, 0.0, 0.0, 0.0
    for share, stream in _shares(ask):
        found = frame_shapley(ask.network, ask.trace.snippets, ask.target, stream, progress=share)
        maps[stream] = StreamMap(found.shares[:, None, None])
        score = found.score
        change += found.score - found.empty
        gap += float(found.shares.sum()) - (found.score - found.empty)
    note = "Each stream's values add up to the drop of the score without that stream."
    return Answer(maps, score, change, gap, (note,))


def _shares(ask: Question) -> list[tuple[Progress, str]]:
    """Each stream with its share of the progress."""
    streams = ask.trace.card.streams

    def part(k: int) -> Progress:
        return lambda stage, done: ask.progress(stage, (k + done) / len(streams))

    return [(part(k), stream) for k, stream in enumerate(streams)]


def _grid(trace: Trace, at: tuple[str, str]) -> tuple[int, int]:
    _, _, height, width = trace.maps(at[0])[at[1]].shape
    return height, width


_work: dict[str, Work] = {
    "grad-cam": lambda ask: _cam(ask, rectified=True),
    "grad-cam-signed": lambda ask: _cam(ask, rectified=False),
    "integrated-gradients": _integrated,
    "smoothgrad": _smooth,
    "occlusion": _occluded,
    "shapley": _shapley,
}

_USUAL = PIECES * NODES * 4  # measured: 32 to 68 is the median of most networks, some take 600

_costs: dict[str, Estimate] = {
    "integrated-gradients": _gradients(min(_USUAL, MOST)),
    "smoothgrad": _gradients(SAMPLES),
    "occlusion": _both_streams(cost_of_occlusion),
    "shapley": _both_streams(cost_of_frame_shapley),
}
