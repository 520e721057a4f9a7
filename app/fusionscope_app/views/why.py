"""Why: attribution maps of a score in each stream, and checks of these maps."""

import streamlit as st

from fusionscope_app.components.player import player
from fusionscope_app.export import share_run
from fusionscope_app.export.share_menu import share_section
from fusionscope_app.markup import summary
from fusionscope_app.why import question
from fusionscope_app.why.checks_section import actor_section, agreement_section, checks_section
from fusionscope_app.why.ledger_section import ledger_section
from fusionscope_app.why.map_section import map_section
from fusionscope_app.widgets import clip_chooser, opening
from fusionscope_app.widgets.error_messages import plain

card, known, corner = clip_chooser.chosen()
opened = opening.open_with_network(known, card)
if not opened.passes.taught:
    st.info("Untrained classifier: there is no prediction to explain.")
    player(opened.analysis.reel, key="why_player")
    share_section(corner, share_run.of_run(opened, "Why"))
    st.stop()
asked = question.asked_of(opened)
found = map_section(opened, asked)
if found is None:  # a slow method that has not been started
    share_section(corner, share_run.of_run(opened, "Why"))
else:
    share_section(corner, share_run.of_attribution(opened, asked, found))
    actor_section(opened, asked)
    st.header("Does the score depend on these cells?")
    checks_section(opened, asked)
    st.header("Do other methods agree?")
    agreement_section(opened, asked)
st.header("Contribution of each stream")
ledger_section(opened, asked.target)
st.caption(plain(summary.provenance(opened.trace)))
