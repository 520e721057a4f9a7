"""Progress: what a visitor has answered in the lessons, kept until the visit ends."""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st


@dataclass
class Answered:
    """The state of one step."""

    choice: int | None = None  # the choice made last
    right: bool = False  # that choice was correct, or the task is done
    words: str = ""  # the reveal, or how far a task is


@dataclass
class Progress:
    """All steps that a visitor has answered, by lesson and number."""

    steps: dict[tuple[str, int], Answered] = field(default_factory=dict)

    def of(self, lesson: str, number: int) -> Answered:
        """The state of a step, counted from 1."""
        return self.steps.setdefault((lesson, number), Answered())

    def done(self, lesson: str) -> int:
        """How many steps of a lesson are answered correctly."""
        return sum(one.right for (name, _), one in self.steps.items() if name == lesson)


def progress() -> Progress:
    """This visitor's progress."""
    if "learn_progress" not in st.session_state:
        st.session_state["learn_progress"] = Progress()
    return st.session_state["learn_progress"]
