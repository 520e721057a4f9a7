"""Flow choice: the methods side by side and how they are drawn, which both stand in the address."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import streamlit as st

from app import address, controls, flows
from core.explain.flowblame import spoken
from core.pipeline import Analysis
from core.records import Progress, silent
from core.video.clip import Clip
from core.video.flowpictures import DRAWN
from core.video.flowscore import FlowTruth

_DRAWN = {
    "wheel": "colour wheel",
    "speed": "speed",
    "arrows": "arrows",
    "u": "net sees u",
    "v": "net sees v",
}
_LONG = 2.0  # seconds: what takes longer says so before it starts
_PICTURES = 0.1  # of the bar: drawing, when all is measured


def methods_choice(analysis: Analysis, truth: FlowTruth | None) -> tuple[str, ...]:
    """The methods to show, in one order whatever was chosen first."""
    clip, offered = analysis.trace.clip, flows.offered(truth)
    named = set(address.words("methods")) or {analysis.trace.card.flow, "farneback", flows.TRUE}
    chosen = [m for m in offered if m in named] or [analysis.trace.card.flow]
    st.session_state["flow_methods"] = chosen
    st.pills(
        "Methods",
        offered,
        selection_mode="multi",
        format_func=lambda method: _label(clip, method),
        key="flow_methods",
        on_change=lambda: address.put(methods=_ordered(st.session_state["flow_methods"], offered)),
        help="A network is trained with one method's flow, and has learned to read that.",
    )
    return tuple(chosen)


def drawn_choice() -> str:
    """How every method's flow is drawn."""
    named = address.word("drawn")
    st.session_state["flow_drawn"] = drawn = named if named in DRAWN else next(iter(DRAWN))
    st.segmented_control(
        "Drawn as",
        list(DRAWN),
        format_func=_DRAWN.__getitem__,
        required=True,
        wrap=True,
        key="flow_drawn",
        on_change=lambda: address.put(drawn=st.session_state["flow_drawn"]),
    )
    return drawn


def shown(
    analysis: Analysis, truth: FlowTruth | None, methods: Sequence[str], drawn: str
) -> tuple[dict[str, np.ndarray], bytes]:
    """Every method's flow and the player's pictures of it; what is long has a bar and a Cancel."""
    clip, waiting = analysis.trace.clip, st.empty()
    plans = {m: flows.plan_of(clip, m) for m in methods if not flows.is_ready(clip, m)}
    total, begun = max(1e-9, sum(plans.values())), 0.0
    stages: dict[str, tuple[str, float, float]] = {}
    for method, seconds in plans.items():
        ended = begun + (1 - _PICTURES) * seconds / total
        stages[method] = (_planned(clip, method), begun, ended)
        begun = ended
    stages["pictures"] = ("Drawing", begun, 1.0)
    bar = controls.progress_bar(
        waiting, lambda: _keep_ready(clip, methods), stages=stages, key="flow_cancel"
    )
    found = {
        m: flows.flow_of(clip, m, truth, _reporting(bar, stages, m) if m in plans else silent)
        for m in methods
    }
    reel = flows.reel_of(analysis, found, drawn, bar if plans else silent)
    waiting.empty()
    if any(seconds >= _LONG for seconds in plans.values()):
        st.rerun()  # its name stands above with the time that it was to take
    return found, reel


def _reporting(bar: Progress, stages: dict[str, tuple[str, float, float]], method: str) -> Progress:
    """Tell the bar of a method's flow under the method's name, with the time that is left."""
    begun, (words, first, last) = time.monotonic(), stages[method]

    def progress(_: str, done: float) -> None:
        left = (time.monotonic() - begun) * (1 - done) / max(done, 1e-9)
        stages[method] = (f"{words}, {controls.duration(left)} left", first, last)
        bar(method, done)

    return progress


def _label(clip: Clip, method: str) -> str:
    name = "true flow" if method == flows.TRUE else spoken(method)
    if flows.is_ready(clip, method) or flows.plan_of(clip, method) < _LONG:
        return name
    return f"{name}, takes about {controls.duration(flows.plan_of(clip, method))}"


def _planned(clip: Clip, method: str) -> str:
    fields = len(clip.frames) - 1
    seconds = controls.duration(flows.plan_of(clip, method))
    return f"Measuring the flow with {spoken(method)}: {fields} fields, planned {seconds}"


def _keep_ready(clip: Clip, methods: Sequence[str]) -> None:
    """Cancelled: go on with what was there."""
    address.put(methods=tuple(m for m in methods if flows.is_ready(clip, m)) or None)


def _ordered(chosen: Sequence[str], offered: Sequence[str]) -> tuple[str, ...] | None:
    return tuple(m for m in offered if m in chosen) or None
