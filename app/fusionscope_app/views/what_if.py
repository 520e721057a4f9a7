"""What if: edit the clip, run the network again, and show what changed."""

import streamlit as st

from fusionscope.analysis.edit_reel import readings_of_edit
from fusionscope.explain.ledger.before_after import changed
from fusionscope.explain.ledger.sentence import sentence
from fusionscope_app.components.player import player
from fusionscope_app.export import share_run
from fusionscope_app.export.share_menu import share_section
from fusionscope_app.markup import summary
from fusionscope_app.what_if import edits_in_address, erase_box, results
from fusionscope_app.what_if.change_section import change_section
from fusionscope_app.what_if.edit_section import edit_section
from fusionscope_app.what_if.motion_donor_section import chimera_section
from fusionscope_app.widgets import clip_chooser, opening, progress
from fusionscope_app.widgets.error_messages import plain
from fusionscope_app.widgets.pinned_player import pinned

card, known, corner = clip_chooser.chosen()
stack = edits_in_address.stack()
before = opening.open_with_network(known, card)

edits, right = st.columns([1.35, 4.4], gap="medium")
with edits:
    edit_section(stack, before)
with right:
    chimera_section(stack, known.id)
    if stack.empty:
        st.html(
            summary.sentence_html(sentence(before.passes))
            + summary.aside_html("No edits yet: add one.")
        )
        player(before.analysis.reel, key="whatif_player")
        share_section(corner, share_run.of_run(before, "What if"))
        st.stop()
    waiting = st.empty()
    bar = progress.progress_bar(waiting, cancel=edits_in_address.undo, key="whatif_cancel")
    after = results.edited_of(before, stack, bar)
    waiting.empty()
    truth = results.truth_of(known, stack)
    said = summary.sentence_html(changed(before.passes, after.passes, stack.words, truth))
    st.html(said)
    reel = results.edit_reel_of(before, after, stack)
    click, at = pinned(reel, key="whatif_player")
    if erase_box.drawn(click, stack):
        st.rerun()
    st.html(
        summary.READINGS_HINT
        if at is None
        else summary.readings_html(
            readings_of_edit(before.analysis, after, at.frame, at.x, at.y), at
        )
    )

told = [said, *change_section(before, after, truth)]
share_section(corner, share_run.of_edits(before, after, stack, reel, told, truth))
st.caption(plain(f"Before: {summary.provenance(before.trace)}"))
st.caption(plain(f"After: {stack.words}; flow: {results.flow_words(stack, card.flow)}."))
