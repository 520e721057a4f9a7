"""Why: where in either stream a score comes from, by which method, and what to think of it."""

import streamlit as st

from app import chooser, controls, figures, shares, why_choice
from app.ledger_section import ledger_section
from app.player import player
from app.sharing import share_section
from app.why_checks import actor_section, agreement_section, checks_section
from app.why_section import map_section

card, known, corner = chooser.chosen()
analysis = controls.opened(known, card)
if not analysis.passes.taught:
    st.info(
        "This network was taught no classes: all its scores are the same, so there is no answer "
        "to ask the reasons of."
    )
    player(analysis.reel, key="why_player")
    share_section(corner, shares.of_run(analysis, known, "Why"))
    st.stop()
asked = why_choice.asked_of(analysis)
found = map_section(analysis, asked)
if found is None:  # it waits to be started
    share_section(corner, shares.of_run(analysis, known, "Why"))
else:
    share_section(corner, shares.of_attribution(analysis, known, asked, found))
    actor_section(analysis, asked, known)
    st.subheader("Does the score rest there?")
    checks_section(analysis, asked)
    st.subheader("Do other methods say so?")
    agreement_section(analysis, asked)
st.subheader("What the streams add")
ledger_section(analysis, asked.target)
st.caption(figures.provenance(analysis.trace))
