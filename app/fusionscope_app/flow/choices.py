"""Choice of flow methods and their drawing, stored in the address, and the reel that shows them."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import streamlit as st

from fusionscope.analysis.flow_drawing import DRAWN
from fusionscope.analysis.reel import Reel
from fusionscope.base.records import Progress, no_progress
from fusionscope.explain.ledger.by_flow_method import in_words
from fusionscope.video.flow.score import FlowTruth
from fusionscope_app.flow import results
from fusionscope_app.state import address
from fusionscope_app.state.opened import Opened
from fusionscope_app.widgets import progress as widgets_progress

_DRAWN = {
    "wheel": "colour wheel",
    "speed": "speed",
    "arrows": "arrows",
    "u": "network input u",
    "v": "network input v",
}
_LONG = 2.0  # seconds: the time of a slower method is shown before it starts
_PICTURES = 0.1  # of the bar: drawing, after all flow is computed


def methods_choice(opened: Opened, truth: FlowTruth | None) -> tuple[str, ...]:
    """Choose the methods to show; their order does not depend on the order of the clicks."""
    offered = results.offered(truth)
    named = set(address.words("methods")) or {opened.card.flow, "farneback", results.TRUE}
    chosen = [m for m in offered if m in named] or [opened.card.flow]
    st.pills(
        "Flow methods",
        offered,
        selection_mode="multi",
        format_func=lambda method: _label(opened, method),
        **address.bound(
            "methods",
            chosen,
            widget="flow_methods",
            write=lambda these: address.put(methods=_ordered(these, offered)),
        ),
        help="A network is trained with the flow of one method. Other methods may change its "
        "prediction.",
    )
    return tuple(chosen)


def drawn_choice() -> str:
    """Choose how the flow of all methods is drawn."""
    drawn = address.option("drawn", DRAWN, next(iter(DRAWN)))
    st.segmented_control(
        "Display",
        list(DRAWN),
        format_func=_DRAWN.__getitem__,
        required=True,
        wrap=True,
        **address.bound("drawn", drawn, widget="flow_drawn"),
    )
    return drawn


def shown(
    opened: Opened, truth: FlowTruth | None, methods: Sequence[str], drawn: str
) -> tuple[dict[str, np.ndarray], Reel]:
    """The flow of every method and its reel; slow methods show a progress bar with Cancel."""
    waiting = st.empty()
    plans = {m: results.plan_of(opened, m) for m in methods if not results.is_ready(opened, m)}
    total, begun = max(1e-9, sum(plans.values())), 0.0
    stages: dict[str, tuple[str, float, float]] = {}
    for method, seconds in plans.items():
        ended = begun + (1 - _PICTURES) * seconds / total
        stages[method] = (_planned(opened, method), begun, ended)
        begun = ended
    stages["pictures"] = ("Drawing the panels", begun, 1.0)
    bar = widgets_progress.progress_bar(
        waiting, lambda: _keep_ready(opened, methods), stages=stages, key="flow_cancel"
    )
    found = {
        m: results.flow_of(
            opened, m, truth, _reporting(bar, stages, m) if m in plans else no_progress
        )
        for m in methods
    }
    reel = results.flow_reel_of(opened, found, drawn, bar if plans else no_progress)
    waiting.empty()
    if any(seconds >= _LONG for seconds in plans.values()):
        st.rerun()  # removes the estimated time from the method's label
    return found, reel


def _reporting(bar: Progress, stages: dict[str, tuple[str, float, float]], method: str) -> Progress:
    """Report a method's progress to the bar, with its name and the remaining time."""
    begun, (words, first, last) = time.monotonic(), stages[method]

    def progress(_: str, done: float) -> None:
        left = (time.monotonic() - begun) * (1 - done) / max(done, 1e-9)
        stages[method] = (f"{words}, {widgets_progress.duration(left)} left", first, last)
        bar(method, done)

    return progress


def _label(opened: Opened, method: str) -> str:
    name = "true flow" if method == results.TRUE else in_words(method)
    if results.is_ready(opened, method) or results.plan_of(opened, method) < _LONG:
        return name
    return f"{name} (about {widgets_progress.duration(results.plan_of(opened, method))})"


def _planned(opened: Opened, method: str) -> str:
    fields = len(opened.clip.frames) - 1
    seconds = widgets_progress.duration(results.plan_of(opened, method))
    return f"Computing {in_words(method)}: {fields} flow fields, about {seconds} in total"


def _keep_ready(opened: Opened, methods: Sequence[str]) -> None:
    """After Cancel, show only the methods that are ready."""
    address.put(methods=tuple(m for m in methods if results.is_ready(opened, m)) or None)


def _ordered(chosen: Sequence[str], offered: Sequence[str]) -> tuple[str, ...] | None:
    return tuple(m for m in offered if m in chosen) or None
