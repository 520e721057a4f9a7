"""Ladder: every network on one clip, a row each; accuracy beside its ceiling on one axis."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2 import component

from fusionscope.base.numbers import class_name
from fusionscope.base.records import percent
from fusionscope.explain.fusion.ladder import QUESTIONS, Rung
from fusionscope_app.components.script import joined_script
from fusionscope_app.theme.palette import LIGHT, VARIABLES
from fusionscope_app.theme.stylesheet import TYPE

_HERE = Path(__file__).parent
_NAMES = "\n".join(f".fs-rungs .fs-{name} {{ --fs-c: var(--fs-{name}); }}" for name in LIGHT)
_CSS = (_HERE / "ladder.css").read_text("utf-8")
_component = component(
    "fusionscope_ladder",
    css=f"{TYPE}.fs-rungs {{ {VARIABLES} }}\n{_NAMES}\n{_CSS}",
    js=joined_script(_HERE / "ladder.js"),
)


def ladder_chart(
    rungs: Sequence[Rung], label: str, chosen: str, *, key: str, on_pick: Callable[[str], None]
) -> None:
    """Show the networks' predictions for a clip, grouped by question.

    Args:
        label: the true class; empty: unknown.
        chosen: the name of the network that Compare shows as A.
        on_pick: called with the name of a network that is clicked.
    """
    names = {rung.card.name for rung in rungs}

    def picked() -> None:
        if name := read_pick(st.session_state[key].pick, names):
            on_pick(name)

    _component(key=key, data=drawn(rungs, label, chosen), on_pick_change=picked)


def read_pick(sent: object, names: Collection[str]) -> str:
    """Validate what the browser sent: the name of a network; empty if it is anything else."""
    return sent if isinstance(sent, str) and sent in names else ""


def drawn(rungs: Sequence[Rung], label: str, chosen: str) -> dict[str, Any]:
    """Return all numbers and words that the browser draws."""
    told = bool(rungs) and rungs[0].p_true is not None
    questions = []
    for key, (title, note) in QUESTIONS.items():
        rows = [_row(rung, label, chosen) for rung in rungs if rung.question == key]
        if rows:
            questions.append({"title": title, "note": note, "rungs": rows})
    return {"questions": questions, "told": told, "chance": rungs[0].chance if rungs else 0.0}


def _row(rung: Rung, label: str, chosen: str) -> dict[str, Any]:
    card = rung.card
    accuracy, ceiling = card.final
    return {
        "name": card.name,
        "title": rung.title,
        "predicted": class_name(rung.label),
        "p": round(rung.p, 4),
        "correct": rung.correct,
        "parameters": f"{card.parameters:,}" if card.parameters else "\N{EN DASH}",
        "accuracy": accuracy,
        "ceiling": ceiling,
        "spread": [*rung.spread] if rung.spread else [],
        "open": card.name == chosen,
        "colour": rung.colour,
        "words": row_words(rung, label),
    }


def row_words(rung: Rung, label: str) -> str:
    """A row in words, for a tooltip and a screen reader."""
    verdict = "" if rung.correct is None else ", correct" if rung.correct else ", incorrect"
    if rung.correct is False and rung.p_true is not None:
        verdict += f" ({class_name(label)}: {rung.p_true:.2f})"
    accuracy, ceiling = rung.card.final
    parts = [
        f"{rung.card.title}: predicts {class_name(rung.label)}{verdict}",
        f"confidence {rung.p:.2f}, chance {rung.chance:.2f}",
        f"{rung.card.parameters:,} parameters" if rung.card.parameters else "",
        "" if accuracy is None else f"accuracy {percent(accuracy, 1)} on unseen clips",
        "" if ceiling is None else f"ceiling {percent(ceiling, 1)}",
    ]
    if rung.spread:
        low, high = (percent(share, 1) for share in rung.spread)
        parts.append(f"{low} to {high} over the seeds")
    return "; ".join(filter(None, parts)) + ". Opens in Compare."
