"""Errors: whether fusion helps over a data set, and where it fails; every mark lists its clips."""

import streamlit as st

from fusionscope.data.worlds import world_title
from fusionscope.evaluation.sentences import method, verdict
from fusionscope_app.errors.clip_list import clips_section
from fusionscope_app.errors.kept import of_trial
from fusionscope_app.errors.review.sheet_section import open_waiting
from fusionscope_app.errors.sections import SECTIONS, section_title
from fusionscope_app.errors.trial_choice import chosen_trial
from fusionscope_app.markup import summary
from fusionscope_app.state import address, results


def data_set() -> str:
    """What the networks of the trial were trained for; empty if that is unknown or differs."""
    known = [results.models().get(head.model) for head in trial.roles.values()]
    of = {card.world for card in known if card}
    return world_title(of.pop()).partition(" (")[0] if all(known) and len(of) == 1 else ""


open_waiting()
trial = chosen_trial()
st.html(summary.sentence_html(of_trial(trial, "verdict", make=lambda: verdict(trial, data_set()))))
usual = next(iter(SECTIONS))
side = address.option("errors_view", SECTIONS, usual)
st.segmented_control(
    "View",
    list(SECTIONS),
    format_func=section_title,
    required=True,
    wrap=True,
    label_visibility="collapsed",
    **address.bound("errors_view", side, usual=usual),
)
with st.container(key="errors_section"):  # the list below starts at one place
    for name, section in SECTIONS.items():  # each view has its own place, so that
        if name != side:  # parts of the previous view are not moved
            st.empty()
            continue
        with st.container():
            section(trial)
st.header("Clips")
clips_section(trial)
st.caption(method(trial))
