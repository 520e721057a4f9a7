"""Compare: two networks on one clip under one scrubber, or the same towers under two fusions."""

import streamlit as st

from app import chooser, contrasts, controls, figures, pairing, session, shares
from app.pins import pinned
from app.sharing import share_section
from core.comparison import readings_of_both
from core.explain.contrast import ledger_rows, relation, short_titles, verdict
from core.explain.words import sentence

clips, models, others = st.columns([4.9, 1.6, 2.1], vertical_alignment="bottom", gap="small")
with models:
    card = chooser.model_choice("A")
with others:
    other = pairing.other_choice(card)
with clips:
    known, corner = chooser.clip_choice()
chooser.world_notice(card, known)
if other.world != card.world:
    chooser.world_notice(other, known)
one, two = runs = controls.opened_by(known, card, other)
first, second = one.passes, two.passes
comparison = session.comparison_of(one, two)

said = [
    figures.sentence_html(verdict(first, second, short_titles(card, other), known.label))
    + figures.aside_html(relation(card, other, comparison.kinship))
]
st.html(said[0])
_, at = pinned(comparison.reel, key="compare_player")
if at is not None:
    st.html(figures.readings_html(readings_of_both(one, two, at.frame, at.x, at.y), at))

*sides, scores = st.columns(3, gap="large")
for side, letter, run in zip(sides, "AB", runs, strict=True):
    said.append(
        contrasts.named_html(letter, run.trace.card.title)
        + figures.predictions_html(run.trace, expected=known.label)
        + figures.aside_html(sentence(run.passes))
    )
    side.html(said[-1])
for label in dict.fromkeys(passes.said for passes in (first, second) if passes.taught):
    said.append(contrasts.ledgers_html(label, ledger_rows(first, second, label)))
    scores.html(said[-1])
for letter, run in zip("AB", runs, strict=True):
    st.caption(f"{letter}: {figures.provenance(run.trace)}")
share_section(corner, shares.of_pair(runs, known, comparison.reel, said))
