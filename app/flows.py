"""Flows: what page Flow asks core of a clip's flow, each made once and kept on the shelf."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from app import session, sources
from core.explain.flowblame import passes_under
from core.explain.ledger import Passes
from core.flow_reel import flow_reel
from core.pipeline import Analysis
from core.records import Progress, silent
from core.video.clip import Clip
from core.video.flow import METHODS, lacking
from core.video.flowscore import FlowScore, FlowTruth, flow_score
from core.video.pace import planned_seconds, seconds_per_field

TRUE, NONE = "true", "none"
"""In a row with the methods: the true flow, and what is explained without any."""


def offered(truth: FlowTruth | None) -> list[str]:
    """The methods that can be chosen: those that lack nothing, and the truth where it is known."""
    return [m for m in METHODS if not lacking(m)] + ([TRUE] if truth else [])


def truth_of(clip: Clip, known: sources.Known) -> FlowTruth | None:
    """The true flow, where it is known."""
    key = ("flow truth", clip.digest)
    return session.shelf().get(key, lambda: sources.truth(known.id))


def is_ready(clip: Clip, method: str) -> bool:
    """Is a method's flow there already?"""
    return method == TRUE or session.has_flow(clip, method)


def plan_of(clip: Clip, method: str) -> float:
    """Seconds that a method will take on the whole clip, about."""
    key = ("flow plan", clip.digest, method)
    return session.shelf().get(key, lambda: planned_seconds(clip, method))


def pace_of(clip: Clip, method: str) -> float:
    """Seconds that one field takes."""
    key = ("flow pace", clip.digest, method)
    return session.shelf().get(key, lambda: seconds_per_field(clip, method))


def flow_of(
    clip: Clip, method: str, truth: FlowTruth | None, progress: Progress = silent
) -> np.ndarray:
    """A method's flow (N-1, 2, H, W) pixels, or the true one."""
    if method == TRUE and truth:
        return truth.flow
    return session.flow_of(clip, method, progress)


def score_of(clip: Clip, method: str, flow: np.ndarray, truth: FlowTruth | None) -> FlowScore:
    """How well a method's flow explains the clip, and how far it is from the truth."""
    key = ("flow score", clip.digest, method)
    return session.shelf().get(key, lambda: flow_score(clip, flow, truth))


def baseline_of(clip: Clip, flow: np.ndarray, truth: FlowTruth | None) -> FlowScore:
    """The same without any flow; ``flow`` is any of the clip's."""
    key = ("flow score", clip.digest, NONE)
    return session.shelf().get(key, lambda: flow_score(clip, np.zeros_like(flow), truth))


def passes_of(analysis: Analysis, method: str, flow: np.ndarray) -> Passes:
    """The network's four passes under a method's flow."""
    trace = analysis.trace
    if method == trace.card.flow:
        return analysis.passes
    key = ("flow passes", trace.clip.digest, trace.card, method)
    net = session.network(trace.card)
    return session.shelf().get(key, lambda: passes_under(net, trace.clip, flow))


def reel_of(
    analysis: Analysis,
    flows: Mapping[str, np.ndarray],
    drawn: str,
    progress: Progress = silent,
) -> bytes:
    """The player's pictures of several methods' flow."""
    trace, methods = analysis.trace, tuple(flows)
    key = ("flow reel", trace.clip.digest, trace.card, methods, drawn)
    return session.shelf().get(key, lambda: flow_reel(analysis.reel, trace, flows, drawn, progress))
