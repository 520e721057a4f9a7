"""Pairs section: pairs of classes to try, and whether what was expected of them held."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from fusionscope_app.markup import summary
from fusionscope_app.state.lesson import Lesson
from fusionscope_app.teach import doing, example
from fusionscope_app.teach.words import TITLES

if TYPE_CHECKING:
    from fusionscope.teaching.pairs import Outcome, Pair
    from fusionscope_app.teach.results import Learned


def pairs_section(lesson: Lesson) -> None:
    """Cards of pairs to try; a button makes columns of the two classes."""
    from fusionscope.teaching.pairs import PAIRS

    st.header("Pairs to try")
    st.caption("With five clips of each or more, what holds can be told from chance.")
    with st.container(horizontal=True, gap="small", key="lesson_pairs"):
        for number, pair in enumerate(PAIRS):
            with st.container(border=True, width=228, key=f"lesson_pair_{number}"):
                st.markdown(f"**{pair.classes[0]} / {pair.classes[1]}**")
                st.write(f"{pair.why} {expected_words(pair)}")
                st.button(
                    "Use these classes",
                    key=f"lesson_use_{number}",
                    disabled={*pair.classes} <= {*lesson.classes},
                    on_click=doing.use_pair,
                    args=(pair.classes,),
                )


def outcomes_section(learned: Learned) -> None:
    """For each known pair among the taught classes: what was expected, and whether it held."""
    from fusionscope.teaching.pairs import PAIRS, outcomes

    found = learned.by_group or learned.by_clip
    if found is None:
        return
    for pair in (example.PAIR, *PAIRS):
        if {*pair.classes} <= {*found.classes}:
            st.html(summary.aside_html(outcome_words(pair, outcomes(pair, found))))


def expected_words(pair: Pair) -> str:
    """What is expected of the streams, in a sentence."""
    said = [
        f"{TITLES[head]} {'tells them apart' if tells else 'is at chance'}"
        for head, tells in sorted(pair.expected.items(), key=lambda item: not item[1])
    ]
    return f"Expected: {', '.join(said)}."


def outcome_words(pair: Pair, found: Sequence[Outcome]) -> str:
    """What came of each expectation, in one sentence."""
    said = "; ".join(map(_outcome, found))
    return f"*{' / '.join(pair.classes)}*: {said}."


def _outcome(one: Outcome) -> str:
    if one.held is None:
        said = "too few to tell" if one.n else "as no clip could be left out"
    elif one.held:
        said = "as expected"
    else:
        said = f"though {'more was' if one.expected else 'chance was'} expected"
    return f"{TITLES[one.head]} is right in {one.right} of {one.n} clips, {said}"
