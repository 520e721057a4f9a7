"""Compare: two networks on one clip, in one player; or all networks on it, a row each."""

import streamlit as st

from fusionscope.analysis.comparison_reel import readings_of_both
from fusionscope.card import Card
from fusionscope.explain.ledger.sentence import sentence
from fusionscope.explain.ledger.two_networks import ledger_rows, relation, short_titles, verdict
from fusionscope_app.compare import ladder_section, second_network
from fusionscope_app.export import share_run
from fusionscope_app.export.share_menu import share_section
from fusionscope_app.markup import ledger_tables, summary
from fusionscope_app.state import results
from fusionscope_app.state.clip_sources import Known
from fusionscope_app.widgets import clip_chooser, opening
from fusionscope_app.widgets.error_messages import plain
from fusionscope_app.widgets.pinned_player import pinned


def two_networks(known: Known, card: Card, other: Card) -> None:
    """Show two networks in one player, with their predictions and ledgers below."""
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


view = ladder_section.chosen_view()
clips, models, others = st.columns([4.9, 1.6, 2.1], vertical_alignment="bottom", gap="small")
with models:
    chosen = clip_chooser.model_choice("A")
second = None
with others:
    if view == "two":
        second = second_network.other_choice(chosen)
    ladder_section.view_choice(view)
with clips:
    clip, corner = clip_chooser.clip_choice()
with st.container():  # one place, notices or none: else the view below is recreated
    clip_chooser.world_notice(chosen, clip)
    if second and second.world != chosen.world:
        clip_chooser.world_notice(second, clip)
for name in ladder_section.VIEWS:  # each view has its own place, so that
    if name != view:  # parts of the previous view are not moved
        st.empty()
    elif second is None:
        with st.container():
            ladder_section.ladder_section(clip, chosen)
    else:
        with st.container():
            two_networks(clip, chosen, second)
