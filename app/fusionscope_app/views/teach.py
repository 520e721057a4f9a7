"""Teach: classes of your own from a few clips, and what each stream makes of them."""

import streamlit as st

from fusionscope_app.markup import summary
from fusionscope_app.server import demo_mode
from fusionscope_app.state import address
from fusionscope_app.teach import (
    doing,
    keep_section,
    learned_section,
    lesson_section,
    pairs_section,
    tests,
    words,
)

lesson = doing.lesson()
learned = tests.learned()
st.html(
    summary.task_html(
        "An example is already taught: both classes show the same scenes, and only the moves "
        "differ. Press Start over to teach your own actions."
        if lesson.example
        else "Teach your own actions: give each class a clip or more, press Teach, then test."
    )
)
found = (learned.by_group or learned.by_clip) if learned else None
odd = found.odd() if found else None
lesson_section.board(odd[0] if odd else "")
with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
    asked = st.button("Teach", key="lesson_teach", type="primary")
    with st.container(width=330):
        card = lesson_section.towers_choice(lesson)
    lesson_section.lists_section(lesson)
    st.button("Start over", key="lesson_over", on_click=doing.start_over)
    mirror = lesson_section.mirror_choice()
if not demo_mode.may_teach():
    st.caption(demo_mode.CLOSED)
learned = lesson_section.learned_now(lesson, card, mirror, asked)
if clip := st.session_state.pop("lesson_open", ""):
    if learned is not None:
        learned_section.open_on("explore", clip, learned)
    address.put(clip=clip)
if learned is not None:
    st.html(summary.sentence_html(words.verdict(learned)))
    pairs_section.outcomes_section(learned)
    test, figures = st.columns([1.15, 1], gap="large")
    with test:
        st.header("Test it")
        learned_section.live_section(lesson, learned)
    with figures:
        st.header("How well it is learned")
        learned_section.figures_section(lesson, learned)
keep_section.keep_section(learned)
if demo_mode.may_teach():
    pairs_section.pairs_section(lesson)
