"""Errors: over a data set, whether fusion helps, and where it fails; every mark opens its clips."""

import streamlit as st

from app import figures
from app.error_files import chosen_trial
from app.error_list import clips_section
from app.error_sections import SECTIONS
from core.study.findings import method, verdict

trial = chosen_trial()
st.html(figures.sentence_html(verdict(trial)))
side = st.segmented_control(
    "View",
    list(SECTIONS),
    default=next(iter(SECTIONS)),
    required=True,
    wrap=True,
    label_visibility="collapsed",
    key="errors_view",
    bind="query-params",
)
SECTIONS[side or next(iter(SECTIONS))](trial)  # an address can name none
st.subheader("Clips")
clips_section(trial)
st.caption(method(trial))
