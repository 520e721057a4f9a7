"""Cached results of the Flow page."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fusionscope.analysis.flow_reel import flow_reel
from fusionscope.analysis.reel import Reel
from fusionscope.base.records import Progress, no_progress
from fusionscope.explain.ledger.by_flow_method import passes_under
from fusionscope.explain.ledger.ledger import Passes
from fusionscope.video.flow.duration import planned_seconds, seconds_per_field
from fusionscope.video.flow.methods import FLOW_METHODS, missing_reason
from fusionscope.video.flow.score import FlowScore, FlowTruth, flow_score
from fusionscope_app.state import clip_sources, results
from fusionscope_app.state.opened import Opened

TRUE, NONE = "true", "none"
"""Names beside those of the methods: the true flow, and zero flow."""


def offered(truth: FlowTruth | None) -> list[str]:
    """The methods that can be run here, and the true flow if it is known."""
    return [m for m in FLOW_METHODS if not missing_reason(m)] + ([TRUE] if truth else [])


def truth_of(opened: Opened) -> FlowTruth | None:
    """The true flow, if it is known."""
    return opened.cached_for_clip("flow truth", make=lambda: clip_sources.truth(opened.known.id))


def is_ready(opened: Opened, method: str) -> bool:
    """Whether the flow of a method is already computed."""
    return method == TRUE or results.has_flow(opened.clip, method)


def plan_of(opened: Opened, method: str) -> float:
    """Estimated seconds of a method for the whole clip."""
    return opened.cached_for_clip(
        "flow plan", method, make=lambda: planned_seconds(opened.clip, method)
    )


def pace_of(opened: Opened, method: str) -> float:
    """Seconds of a method per flow field."""
    return opened.cached_for_clip(
        "flow pace", method, make=lambda: seconds_per_field(opened.clip, method)
    )


def flow_of(
    opened: Opened, method: str, truth: FlowTruth | None, progress: Progress = no_progress
) -> np.ndarray:
    """A method's flow (N-1, 2, H, W) pixels, or the true one."""
    if method == TRUE and truth:
        return truth.flow
    return results.flow_of(opened.clip, method, progress)


def score_of(opened: Opened, method: str, flow: np.ndarray, truth: FlowTruth | None) -> FlowScore:
    """Warp error of a method's flow, and its end-point error if the true flow is known."""
    return opened.cached_for_clip(
        "flow score", method, make=lambda: flow_score(opened.clip, flow, truth)
    )


def baseline_of(opened: Opened, truth: FlowTruth | None) -> FlowScore:
    """The same errors for zero flow."""
    return score_of(opened, NONE, np.zeros_like(opened.trace.flow), truth)


def passes_of(opened: Opened, method: str, flow: np.ndarray) -> Passes:
    """The four passes of the network with a method's flow."""
    if method == opened.card.flow:
        return opened.passes
    return opened.cached(
        "flow passes", method, make=lambda: passes_under(opened.network, opened.clip, flow)
    )


def flow_reel_of(
    opened: Opened,
    flows: Mapping[str, np.ndarray],
    drawn: str,
    progress: Progress = no_progress,
) -> Reel:
    """A reel with the flow of several methods."""
    return opened.cached(
        "flow reel",
        tuple(flows),
        drawn,
        make=lambda: flow_reel(opened.analysis.reel, opened.trace, flows, drawn, progress),
    )
