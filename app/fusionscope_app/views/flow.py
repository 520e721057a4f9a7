"""Flow: compare flow methods, and the predictions of the network with each."""

import streamlit as st

from fusionscope.analysis.flow_reel import readings_of_flows
from fusionscope_app.export import share_run
from fusionscope_app.export.share_menu import share_section
from fusionscope_app.flow import choices, results, sections
from fusionscope_app.markup import summary
from fusionscope_app.widgets import clip_chooser, opening
from fusionscope_app.widgets.error_messages import plain
from fusionscope_app.widgets.pinned_player import pinned

card, known, corner = clip_chooser.chosen()
opened = opening.open_with_network(known, card)
truth = results.truth_of(opened)
choice, drawing = st.columns([1.2, 1], gap="large")
with choice:
    methods = choices.methods_choice(opened, truth)
with drawing:
    drawn = choices.drawn_choice()
found, reel = choices.shown(opened, truth, methods, drawn)
_, at = pinned(reel, key="flow_player")
st.html(
    summary.READINGS_HINT
    if at is None
    else summary.readings_html(readings_of_flows(found, at.frame, at.x, at.y), at)
)
said, rows = sections.verdict_of(opened, found)
st.html(summary.sentence_html(said))
left, right = st.columns([1.55, 1], gap="large")
with left:
    sections.scores_section(opened, found, truth)
with right:
    sections.answers_section(card, rows)
st.caption(plain(summary.provenance(opened.trace)))
share_section(corner, share_run.of_flows(opened, found, reel, said, rows))
