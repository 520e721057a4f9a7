"""Fusion: where the streams fuse, the terms of one fused value, the effect of registration."""

import streamlit as st

from fusionscope.analysis.map_reel import pin_of
from fusionscope.explain.ledger.sentence import sentence
from fusionscope.explain.ledger.two_networks import no_lens
from fusionscope_app.components.diagram import diagram
from fusionscope_app.components.player import player
from fusionscope_app.export import share_run
from fusionscope_app.export.share_menu import share_section
from fusionscope_app.fusion import results, selection
from fusionscope_app.fusion.channels_section import correspondence_section
from fusionscope_app.fusion.drawings import draw_scores
from fusionscope_app.fusion.lens_section import lens_section, pairs_section
from fusionscope_app.fusion.registration_section import registration_section
from fusionscope_app.markup import summary
from fusionscope_app.widgets import clip_chooser, opening
from fusionscope_app.widgets.error_messages import plain

card, known, corner = clip_chooser.chosen()
opened = opening.open_with_network(known, card)
places = results.places_of(opened)
stage = selection.stage_of(opened, places)
anatomy = results.anatomy_of(opened)
if anatomy is not None:
    maps = results.stage_maps_of(opened)
    diagram(anatomy, stage, key="fusion_diagram", on_pick=selection.open_stage, maps=maps)
lens = stage[0] == "fused" and stage[1] in places and selection.keeps_cells(opened)
beside = places and selection.keeps_cells(opened)
if places:
    st.html(summary.sentence_html(sentence(opened.passes)))
left, right = st.columns([1.6, 1], gap="medium") if beside else (st.container(), st.container())
if not lens:
    reel = results.stage_reel_of(opened, *stage)
    with left:
        player(reel, key="fusion_player")
    share_section(corner, share_run.of_stage(opened, reel))
if not places:
    st.info(no_lens(card))
    draw_scores(opened)
    st.stop()

place = selection.place_of(opened, places)
if selection.keeps_cells(opened):
    pick = selection.pick_of(opened, place)
    if lens:
        reel = results.lens_reel_of(opened, place, pick.unit)
        with left:
            click = player(reel, key="fusion_player", pin=pin_of(reel, pick.cell))
        if selection.clicked(click, opened, place):
            st.rerun()
        share_section(corner, share_run.of_lens(opened, reel, pick))
    with right:
        st.header("Fusion lens")
        lens_section(opened, pick)
else:
    st.header("Channel pairs")
    pairs_section(opened, place)
if selection.can_move(opened, place) and opened.passes.taught:
    st.header("Break the registration")
    registration_section(opened, place)
if selection.keeps_cells(opened):
    st.header("Channel correspondence")
    correspondence_section(opened, place)
st.caption(plain(summary.provenance(opened.trace)))
