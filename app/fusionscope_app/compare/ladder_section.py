"""Ladder on page Compare: all networks of the same classes on one clip; a row opens in Compare."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from fusionscope.card import Card
from fusionscope.explain.fusion.ladder import QUESTIONS, Rung, ladder_sentence
from fusionscope_app.compare.results import ladder_of
from fusionscope_app.components.ladder import ladder_chart
from fusionscope_app.markup import summary
from fusionscope_app.state import address, clips
from fusionscope_app.state.clip_sources import Known
from fusionscope_app.widgets.progress import progress_bar

VIEWS = {"two": "Two networks", "all": "All networks"}
"""The value in the address -> what the switch shows."""

KEY = (
    "Dot: accuracy on unseen clips. Line: range over the seeds. Ring: ceiling, the best possible "
    "accuracy given what the network can observe. Dotted line, and mark in a bar: chance. "
    "A row opens that network in Compare."
)


def chosen_view() -> str:
    """The view that the address names; a key of ``VIEWS``."""
    return address.option("compare_view", VIEWS, "two")


def view_choice(view: str) -> None:
    """Choose between two networks and all of them."""
    st.segmented_control(
        "View",
        [*VIEWS],
        format_func=VIEWS.__getitem__,
        required=True,
        label_visibility="collapsed",
        **address.bound("compare_view", view, usual="two"),
    )


def ladder_section(known: Known, card: Card) -> str:
    """Show what every comparable network predicts for the clip; return the sentence as HTML.

    Raises:
        InputError: the clip cannot be read, or a network cannot take it.
    """
    waiting = st.empty()
    progress = progress_bar(waiting, cancel=lambda: address.put(compare_view=None))
    clip = clips.clip_of(known.id, progress)
    rungs = ladder_of(clip, card, known.label, progress)
    waiting.empty()
    said = summary.sentence_html(ladder_sentence(rungs))
    st.html(said)

    def open_row(name: str) -> None:
        other = None if name == card.name else name
        address.put(other=other, model=card.name, compare_view=None)

    ladder_chart(rungs, known.label, card.name, key="compare_ladder", on_pick=open_row)
    st.caption(KEY)
    with st.expander("Numbers"):
        st.dataframe(table(rungs), hide_index=True, height="content")
    return said


def table(rungs: Sequence[Rung]) -> dict[str, list[object]]:
    """Title -> column, a row for each network."""
    rows = [
        {
            "question": QUESTIONS[rung.question][0],
            "network": rung.title,
            "predicted": rung.label,
            "probability": round(rung.p, 3),
            "true class": rung.true or None,
            "its probability": None if rung.p_true is None else round(rung.p_true, 3),
            "parameters": rung.card.parameters or None,
            "accuracy (%)": _percent(rung.card.final[0]),
            "seeds, lowest (%)": _percent(rung.spread[0] if rung.spread else None),
            "seeds, highest (%)": _percent(rung.spread[1] if rung.spread else None),
            "ceiling (%)": _percent(rung.card.final[1]),
        }
        for rung in rungs
    ]
    return {name: [row[name] for row in rows] for name in (rows[0] if rows else ())}


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 1)
