"""What if: the clip is edited, the network is asked again, and what changed is told."""

import streamlit as st

from app import chooser, controls, drawing, edit_stack, figures, shares, what_ifs
from app.change_section import change_section
from app.chimera_section import chimera_section
from app.edit_section import edit_section
from app.pins import pinned
from app.player import player
from app.sharing import share_section
from core.edit_reel import readings_of_edit
from core.explain.change import changed
from core.explain.words import sentence

card, known, corner = chooser.chosen()
stack = edit_stack.stack()
before = controls.opened(known, card)

edits, right = st.columns([1.35, 4.4], gap="medium")
with edits:
    edit_section(stack, known, len(before.trace.clip.frames))
with right:
    chimera_section(stack, known)
    if stack.empty:
        st.html(
            figures.sentence_html(sentence(before.passes))
            + figures.aside_html("Nothing is changed yet: add an edit.")
        )
        player(before.reel, key="whatif_player")
        share_section(corner, shares.of_run(before, known, "What if"))
        st.stop()
    waiting = st.empty()
    bar = controls.progress_bar(waiting, cancel=edit_stack.undo, key="whatif_cancel")
    after = what_ifs.edited_of(before, stack, bar)
    waiting.empty()
    truth = what_ifs.truth_of(known, stack)
    said = figures.sentence_html(changed(before.passes, after.passes, stack.words, truth))
    st.html(said)
    reel = what_ifs.reel_of(before, after, stack)
    click, at = pinned(reel, key="whatif_player")
    if drawing.drawn(click, stack):
        st.rerun()
    if at is not None:
        found = readings_of_edit(before, after, at.frame, at.x, at.y)
        st.html(figures.readings_html(found, at))

told = [said, *change_section(before, after, known, truth)]
share_section(corner, shares.of_edits(before, after, known, stack, reel, told, truth))
st.caption(f"Before: {figures.provenance(before.trace)}")
st.caption(f"After: {stack.words}; flow: {what_ifs.flow_words(stack, card.flow)}.")
