"""Attribution maps in the player, with the description of their method."""

from __future__ import annotations

import streamlit as st

from fusionscope.explain.attribution.methods import ATTRIBUTION_METHODS
from fusionscope.explain.attribution.records import Attribution
from fusionscope_app.components.player import player
from fusionscope_app.state.opened import Opened
from fusionscope_app.why import map_html, results
from fusionscope_app.why.results import Asked
from fusionscope_app.widgets import progress as widgets_progress


def map_section(opened: Opened, asked: Asked) -> Attribution | None:
    """Show the maps and describe the method. Return None until a slow method has been started."""
    above, shown = st.container(key="why_above"), st.container()
    with above:  # Start, progress and the result: one line, so that the player stays in its place
        found = _found(opened, asked)
        if found is not None:
            st.html(map_html.summary_html(found))
    with shown:
        if found is None:
            player(opened.analysis.reel, key="why_player", show=["frame", "flow"])
        else:
            reel = results.attribution_reel_of(opened, asked)
            player(reel, key="why_player", show=["frame", "flow", *found.maps])
    if found is None:
        return None
    if "temporal" in found.maps:
        st.caption(map_html.spans_words(opened.trace.snippets))
    st.html(map_html.method_html(found, results.measured_words(opened, found)))
    return found


def _found(opened: Opened, asked: Asked) -> Attribution | None:
    """Run a quick method at once, and a slow one after a click on Start."""
    if results.is_known(opened, asked) or ATTRIBUTION_METHODS[asked.method].staged:
        return results.attribution_of(opened, asked)
    cost = results.cost_of(opened, asked)
    if cost.seconds <= results.QUICK:
        with st.spinner("Computing the map …"):
            return results.attribution_of(opened, asked)
    title = ATTRIBUTION_METHODS[asked.method].title
    size = max(1, round(cost.bytes / 2**20))
    least = "at least " if ATTRIBUTION_METHODS[asked.method].refined else ""
    words = f"{title}: {least}{cost.passes} network evaluations, up to {size} MB of memory"
    done = widgets_progress.started(
        "why",
        words,
        cost.seconds,
        lambda progress: results.attribution_of(opened, asked, progress) and None,
    )
    return results.attribution_of(opened, asked) if done else None
