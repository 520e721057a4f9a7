"""Explore: a clip, what both streams make of it, where they meet, what is decided and why."""

import streamlit as st

from app import asking, chooser, controls, figures, shares
from app.lens_section import cell_lens
from app.pins import pinned
from app.sharing import share_section
from core.explain.heatmaps import readings
from core.explain.words import sentence

card, known, corner = chooser.chosen()
analysis = controls.opened(known, card)

left, right = st.columns([4.4, 1.25], gap="medium")
with left:
    _, at = pinned(analysis.reel, key="explore_player")
right.html(
    figures.predictions_html(
        analysis.trace,
        expected=asking.expected_class(card, known),
        asked=asking.asked_class(card),
    )
)
st.html(figures.sentence_html(sentence(analysis.passes)))
for ledger in asking.ledgers_html(analysis, known):
    st.html(ledger)
if at is not None:
    st.html(
        figures.readings_html(readings(analysis.trace, analysis.maps, at.frame, at.x, at.y), at)
    )
    cell_lens(analysis, at)
st.caption(figures.provenance(analysis.trace))
share_section(corner, shares.of_run(analysis, known))
