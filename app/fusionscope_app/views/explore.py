"""Explore: a clip, the maps of both streams and of their fusion, the predictions and the ledger."""

import streamlit as st

from fusionscope.explain.heatmaps import readings
from fusionscope.explain.ledger.sentence import sentence
from fusionscope_app.export import share_run
from fusionscope_app.export.share_menu import share_section
from fusionscope_app.markup import summary
from fusionscope_app.state import address, network_choice
from fusionscope_app.state.films import is_longer
from fusionscope_app.widgets import asked_class, clip_chooser, opening
from fusionscope_app.widgets.error_messages import plain
from fusionscope_app.widgets.pinned_player import pinned

task = st.container()
card, known, corner = clip_chooser.chosen()
task.html(summary.task_html(network_choice.task_line(card, known)))
with st.container():  # one place, a film or none: else the view below is recreated
    if is_longer(known.id):
        from fusionscope_app.film.film_section import film_section  # not for the first view

        film_section(known, card)
opened = opening.open_first_view(known, card)

with st.container(key="explore_view"):
    left, right = st.columns([4.4, 1.2], gap="medium")
with left:
    _, at = pinned(opened.analysis.reel, key="explore_player")
    st.html(summary.sentence_html(sentence(opened.passes)))
    for ledger in asked_class.ledgers_html(opened):
        st.html(ledger)
expected, asked = asked_class.expected_class(opened), asked_class.asked_class(card)
with right:
    if at is None:
        st.html(summary.predictions_html(opened.trace, expected, asked))
        st.html(summary.READINGS_HINT)
    else:
        from fusionscope_app.fusion.lens_section import cell_lens  # not for the first view

        st.html(summary.brief_html(opened.trace, expected))
        with st.container(key="explore_cell", gap="xsmall"):
            found = readings(opened.trace, opened.analysis.maps, at.frame, at.x, at.y)
            st.html(summary.readings_html(found, at))
            cell_lens(opened, at)
            st.button(
                "Show all predictions",
                key="explore_close_cell",
                on_click=lambda: address.put(pin=None),
            )
st.caption(plain(summary.provenance(opened.trace)))
share_section(corner, share_run.of_run(opened))
