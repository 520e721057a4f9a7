"""Sheet section: the clips as cards; a click opens one, two selected ones are compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import streamlit as st

from fusionscope.base.numbers import class_name
from fusionscope.evaluation.answers import Answers
from fusionscope.evaluation.head_trial import HeadTrial
from fusionscope.evaluation.review.tag_file import Review
from fusionscope_app.components.contact_sheet import SheetCards, SheetHead, contact_sheet
from fusionscope_app.errors.review.narrowing import tag_words
from fusionscope_app.pages import page_file
from fusionscope_app.theme.palette import HEADS

_NAMES = {
    "spatial": "appearance head",
    "temporal": "motion head",
    "fused": "fused head",
    "late": "late fusion",
}
_COLOURS = {"late": HEADS["average"], **{role: HEADS[role] for role in ("spatial", "temporal")}}
_SELECTED = "errors_selected"
_WAITING = "errors_open"


def open_waiting() -> None:
    """Open the clip in Explore whose card was clicked; called before the page draws anything."""
    if (query := st.session_state.pop(_WAITING, None)) is not None:
        st.switch_page(page_file("explore"), query_params=query)


def sheet_section(
    trial: HeadTrial,
    rows: np.ndarray,
    ids: Mapping[int, str],
    reviews: Mapping[str, Review],
    query: Callable[[HeadTrial, int, str], dict[str, str]],
    details: Callable[[HeadTrial, int, str], None],
) -> tuple[str, ...]:
    """Show (m,) rows as cards, below them the details of one or two selected clips.

    Args:
        ids: row -> the clip's id in Explore; empty if its video is not found.
        query: gives the address parameters of a clip in Explore.
        details: shows the predictions of one clip.

    Returns:
        The names of the selected clips.
    """
    clips = [trial.fused.clips[row] for row in rows]
    places = {clip: at for at, clip in enumerate(clips)}
    marked = tuple(clip for clip in st.session_state.get(_SELECTED, ()) if clip in places)

    def opened(at: int) -> None:
        row = int(rows[at])
        if ids[row]:
            st.session_state[_WAITING] = query(trial, row, ids[row])
        else:
            st.session_state[_SELECTED] = (clips[at],)

    def selected(given: tuple[int, ...]) -> None:
        st.session_state[_SELECTED] = tuple(clips[at] for at in given)

    contact_sheet(
        cards_of(trial, rows, ids, reviews),
        key="errors_sheet",
        on_open=opened,
        on_select=selected,
        selected=[places[clip] for clip in marked],
    )
    st.caption(
        "Point at a card to play it; click to open the clip in Explore. Shift-click, or its box in "
        "the corner, selects it: two selected clips are compared below. Keys: arrows, Page Up, "
        "Page Down, Home, End, Enter to open, Space to select. In order: "
        + ", ".join(_NAMES[role] for role in trial.roles)
        + "; ✓ correct, ✗ incorrect, with confidence."
    )
    if 1 <= len(marked) <= 2:
        for where, clip in zip(st.columns(2, gap="medium"), marked, strict=False):
            at = places[clip]
            row = int(rows[at])
            with where:
                contact_sheet(
                    cards_of(trial, rows[at : at + 1], ids, {}),
                    key=f"errors_large_{marked.index(clip)}",
                    on_open=lambda _, at=at: opened(at),
                    large=True,
                )
                details(trial, row, ids[row])
    elif marked:
        st.caption(f"{len(marked):,} clips selected. Select two to compare them.")
    if marked:
        st.button("Clear the selection", key="errors_unselect", on_click=lambda: selected(()))
    return marked


def cards_of(
    trial: HeadTrial, rows: np.ndarray, ids: Mapping[int, str], reviews: Mapping[str, Review]
) -> SheetCards:
    """The cards of (m,) rows: truth, prediction of each head, tags if any clip has some."""
    clips = [trial.fused.clips[row] for row in rows]
    tags = [tag_words(reviews.get(clip)) for clip in clips]
    return SheetCards(
        [ids[int(row)] for row in rows],
        clips,
        [*map(class_name, trial.classes)],
        trial.labels[rows].tolist(),
        [_head(role, head, rows) for role, head in trial.roles.items()],
        tags if any(tags) else (),
    )


def _head(role: str, head: Answers, rows: np.ndarray) -> SheetHead:
    sure = np.round(head.sure[rows], 3).tolist()
    return SheetHead(_NAMES[role], _COLOURS.get(role, "fused"), head.said[rows].tolist(), sure)
