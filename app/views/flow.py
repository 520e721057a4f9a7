"""Flow: methods side by side, what the network sees of them, and whether its answer changes."""

import streamlit as st

from app import chooser, controls, figures, flow_choice, flow_section, flows, shares
from app.pins import pinned
from app.sharing import share_section
from core.flow_reel import readings_of_flows

card, known, corner = chooser.chosen()
analysis = controls.opened(known, card)
clip = analysis.trace.clip
truth = flows.truth_of(clip, known)
choice, drawing = st.columns([1.2, 1], gap="large")
with choice:
    methods = flow_choice.methods_choice(analysis, truth)
with drawing:
    drawn = flow_choice.drawn_choice()
found, reel = flow_choice.shown(analysis, truth, methods, drawn)
_, at = pinned(reel, key="flow_player")
if at is not None:
    st.html(figures.readings_html(readings_of_flows(found, at.frame, at.x, at.y), at))
said, rows = flow_section.verdict_of(analysis, found)
st.html(figures.sentence_html(said))
left, right = st.columns([1.55, 1], gap="large")
with left:
    flow_section.scores_section(analysis, found, truth)
with right:
    flow_section.answers_section(card, rows)
st.caption(figures.provenance(analysis.trace))
share_section(corner, shares.of_flows(analysis, known, found, reel, said, rows))
