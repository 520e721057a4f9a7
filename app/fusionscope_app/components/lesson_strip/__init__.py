"""Lesson strip: the open lesson above a page; each act of the visitor is passed on once."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2 import component

from fusionscope_app.components.script import joined_script
from fusionscope_app.theme.palette import VARIABLES
from fusionscope_app.theme.stylesheet import TYPE

_HERE = Path(__file__).parent
_component = component(
    "fusionscope_lesson_strip",
    css=f"{TYPE}.fs-strip {{ {VARIABLES} }}\n{(_HERE / 'lesson_strip.css').read_text('utf-8')}",
    js=joined_script(_HERE / "lesson_strip.js"),
)


@dataclass(frozen=True)
class StripStep:
    """One step as it is drawn; words between asterisks are in italics."""

    text: str
    ask: str = ""  # the question, or what to do
    choices: Sequence[str] = ()  # none: a task
    choice: int | None = None  # the choice made last
    right: bool = False  # it was correct, or the task is done
    words: str = ""  # the reveal, or how far a task is
    room: str = ""  # text about as long as the reveal, whose room is kept for it
    note: str = ""  # for the presenter
    heading: str = ""  # of the page, to which it scrolls; empty: to the top


def lesson_strip(
    title: str,
    steps: Sequence[StripStep],
    number: int,
    *,
    page: str,
    away: bool,
    following: str,
    name: str,
    lecture: bool,
    key: str,
    on_act: Callable[[Mapping[str, Any]], None],
) -> None:
    """Show a step, counted from 1, of a lesson; the room of its longest step is kept for all.

    Args:
        steps: all of them; the last one has no question.
        page: the title of the page that the step shows.
        away: another page is open.
        following: the title of the next lesson; empty: there is none.
        name: the lesson's name, for the link.
        on_act: called with ``kind``: go (``value``: a step), answer (``value``: a choice), look
            (the address has changed), solve, view, following, leave, lecture (``value``: on).
    """

    def acted() -> None:
        act = st.session_state[key].act
        if isinstance(act, Mapping):
            on_act(act)

    told = {
        "title": title,
        "name": name,
        "steps": [asdict(step) for step in steps],
        "number": number,
        "page": page,
        "away": away,
        "following": following,
        "lecture": lecture,
    }
    _component(key=key, data=json.dumps(told).encode(), on_act_change=acted)
