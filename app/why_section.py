"""Why section: the method's word on a score in the player, once it has been asked."""

from __future__ import annotations

import streamlit as st

from app import controls, why_figures, whys
from app.player import player
from app.whys import Asked
from core.explain.attributions import Attribution
from core.explain.methods import METHODS
from core.pipeline import Analysis


def map_section(analysis: Analysis, asked: Asked) -> Attribution | None:
    """The player with the method's maps, and its words; None until it has been started."""
    start, shown = st.container(), st.container()  # what waits is seen at once, above the pictures
    with start:
        found = _found(analysis, asked)
    with shown:
        if found is None:
            player(analysis.reel, key="why_player", show=["frame", "flow"])
        else:
            reel = whys.reel_of(analysis, asked)
            player(reel, key="why_player", show=["frame", "flow", *found.maps])
    if found is None:
        return None
    st.html(why_figures.summary_html(found))
    if "temporal" in found.maps:
        st.caption(why_figures.spans_words(analysis.trace.snippets))
    st.html(why_figures.method_html(found, whys.measured_words(analysis, found)))
    return found


def _found(analysis: Analysis, asked: Asked) -> Attribution | None:
    """Ask at once what is quick, and what is not when it is started."""
    if whys.is_known(analysis, asked) or METHODS[asked.method].staged:
        return whys.attribution_of(analysis, asked)
    cost = whys.cost_of(analysis, asked)
    if cost.seconds <= whys.QUICK:
        with st.spinner("Asking the network …"):
            return whys.attribution_of(analysis, asked)
    title = METHODS[asked.method].title
    size = max(1, round(cost.bytes / 2**20))
    least = " or, where the score bends, more often" if METHODS[asked.method].refined else ""
    words = f"{title} asks the network {cost.passes} times{least}, with up to {size} MB at once"
    done = controls.started(
        "why",
        words,
        cost.seconds,
        lambda progress: whys.attribution_of(analysis, asked, progress) and None,
    )
    return whys.attribution_of(analysis, asked) if done else None
