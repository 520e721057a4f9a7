"""Compare: two networks on one clip, in one player."""

import streamlit as st

from fusionscope.analysis.comparison_reel import readings_of_both
from fusionscope.explain.ledger.sentence import sentence
from fusionscope.explain.ledger.two_networks import ledger_rows, relation, short_titles, verdict
from fusionscope_app.compare import second_network
from fusionscope_app.export import share_run
from fusionscope_app.export.share_menu import share_section
from fusionscope_app.markup import ledger_tables, summary
from fusionscope_app.state import results
from fusionscope_app.widgets import clip_chooser, opening
from fusionscope_app.widgets.error_messages import plain
from fusionscope_app.widgets.pinned_player import pinned

clips, models, others = st.columns([4.9, 1.6, 2.1], vertical_alignment="bottom", gap="small")
with models:
    card = clip_chooser.model_choice("A")
with others:
    other = second_network.other_choice(card)
with clips:
    known, corner = clip_chooser.clip_choice()
with st.container():  # one place, notices or none: else the view below is recreated
    clip_chooser.world_notice(card, known)
    if other.world != card.world:
        clip_chooser.world_notice(other, known)
one, two = runs = opening.open_with_networks(known, card, other)
first, second = one.passes, two.passes
comparison = results.comparison_of(one.analysis, two.analysis)

said = [
    summary.sentence_html(verdict(first, second, short_titles(card, other), known.label))
    + summary.aside_html(relation(card, other, comparison.shared_weights))
]
st.html(said[0])
_, at = pinned(comparison.reel, key="compare_player")
st.html(
    summary.READINGS_HINT
    if at is None
    else summary.readings_html(
        readings_of_both(one.analysis, two.analysis, at.frame, at.x, at.y), at
    )
)

*sides, scores = st.columns(3, gap="large")
for side, letter, run in zip(sides, "AB", runs, strict=True):
    said.append(
        ledger_tables.named_html(letter, run.card.title)
        + summary.predictions_html(run.trace, expected=known.label)
        + summary.aside_html(sentence(run.passes))
    )
    side.html(said[-1])
for label in dict.fromkeys(passes.said for passes in (first, second) if passes.taught):
    said.append(ledger_tables.ledgers_html(label, ledger_rows(first, second, label)))
    scores.html(said[-1])
for letter, run in zip("AB", runs, strict=True):
    st.caption(plain(f"{letter}: {summary.provenance(run.trace)}"))
share_section(corner, share_run.of_pair(runs, comparison.reel, said))
