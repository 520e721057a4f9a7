"""Fusion: where the streams meet, one fused number taken apart, and what their meeting is worth."""

import streamlit as st

from app import chooser, controls, figures, fusions, picking, shares
from app.correspondence_section import correspondence_section
from app.diagram import diagram
from app.lens_section import lens_section, pairs_section
from app.player import player
from app.registration_section import registration_section
from app.sharing import share_section
from core.explain.words import sentence
from core.lens_reel import pin_of

card, known, corner = chooser.chosen()
analysis = controls.opened(known, card)
places = fusions.places_of(analysis)
stage = picking.stage_of(analysis, places)
anatomy = fusions.anatomy_of(analysis)
if anatomy is not None:
    diagram(anatomy, stage, key="fusion_diagram", on_pick=picking.open_stage)
lens = stage[0] == "fused" and stage[1] in places and picking.keeps_cells(analysis)
if not lens:
    reel = fusions.stage_reel_of(analysis, *stage)
    player(reel, key="fusion_player")
    share_section(corner, shares.of_stage(analysis, known, reel))
if not places:
    st.info(
        "This network does not fuse features: its streams meet at the prediction at most, where "
        "no cell is left to look into. Choose a network that fuses at a layer to open the lens."
    )
    st.stop()

place = picking.place_of(analysis, places)
st.html(figures.sentence_html(sentence(analysis.passes)))
if picking.keeps_cells(analysis):
    pick = picking.pick_of(analysis, place)
    if lens:
        reel = fusions.lens_reel_of(analysis, place, pick.unit)
        click = player(reel, key="fusion_player", pin=pin_of(reel, pick.cell))
        if picking.clicked(click, analysis, place):
            st.rerun()
        share_section(corner, shares.of_lens(analysis, known, reel, pick))
    st.subheader("The lens")
    lens_section(analysis, pick)
else:
    st.subheader("The pairs")
    pairs_section(analysis, place)
if picking.can_move(analysis, place) and analysis.passes.taught:
    st.subheader("Break the registration")
    registration_section(analysis, place)
if picking.keeps_cells(analysis):
    st.subheader("Which channels meet")
    correspondence_section(analysis, place)
st.caption(figures.provenance(analysis.trace))
