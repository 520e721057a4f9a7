"""Controls: what stands between a page and the work it waits for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app import palette, session, sources
from core.card import Card
from core.pipeline import Analysis
from core.records import Progress

_STAGES: Mapping[str, tuple[str, float, float]] = {
    "decode": ("Reading the frames", 0.00, 0.25),
    "edits": ("Editing the frames", 0.00, 0.25),
    "flow": ("Measuring the optical flow", 0.25, 0.70),
    "forward": ("Running the network", 0.70, 0.82),
    "maps": ("Asking where the answer comes from", 0.82, 0.88),
    "pictures": ("Drawing", 0.88, 1.00),
    "attribution": ("Asking the network", 0.00, 1.00),
    "curves": ("Taking cells out and putting them in", 0.00, 1.00),
    "sanity": ("Asking networks with fresh weights", 0.00, 1.00),
    "chunks": ("Trying the chunks one by one and together", 0.00, 1.00),
}


def opened(known: sources.Known, card: Card) -> Analysis:
    """The network's run on the clip; while it is made, how far it is, and a Cancel button.

    Raises:
        InputError: the clip cannot be had, or the network cannot take it.
    """
    (analysis,) = opened_by(known, card)
    return analysis


def opened_by(known: sources.Known, *cards: Card) -> tuple[Analysis, ...]:
    """The runs of several networks on the clip, behind one bar.

    Raises:
        InputError: the clip cannot be had, or a network cannot take it.
    """
    before = st.session_state.get("opened")
    waiting = st.empty()
    progress = progress_bar(waiting, cancel=lambda: _back(before), runs=len(cards))
    unread = not session.thumbnail_of(known.id)
    clip = session.clip_of(known.id, progress)
    analyses = tuple(session.analysis_of(clip, card, progress) for card in cards)
    waiting.empty()
    if before != known.id:
        st.session_state["opened"] = known.id
        if unread:
            st.rerun()  # now there is a picture for its card
    return analyses


def shades() -> Mapping[str, str]:
    """The colours of the theme that the visitor sees, for plots."""
    return palette.DARK_MAP if st.context.theme.type == "dark" else palette.LIGHT_MAP


def _back(before: str | None) -> None:
    """Return to the clip that was open before."""
    st.query_params["clip"] = before or sources.bundled()[0]


def started(name: str, words: str, seconds: float, work: Callable[[Progress], None]) -> bool:
    """Do work that is asked for by a button which says what it takes; True once it is done.

    While it is done there are a bar and a Cancel button in the button's place.
    """
    place = st.empty()
    with place.container(horizontal=True, vertical_alignment="center", gap="medium"):
        asked = st.button("Start", key=f"{name}_start", type="primary")
        st.write(f"{words}: about {duration(seconds)}.")
    if not asked:
        return False
    work(progress_bar(place, cancel=lambda: None, runs=1, height=120, key=f"{name}_cancel"))
    place.empty()
    return True


def duration(seconds: float) -> str:
    """About how long, in words."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} min"


def progress_bar(
    place: DeltaGenerator,
    cancel: Callable[[], None],
    runs: int = 1,
    stages: Mapping[str, tuple[str, float, float]] = _STAGES,
    height: int = 420,
    key: str = "progress_cancel",
) -> Progress:
    """A bar with a Cancel button in ``place``, drawn when the first stage reports.

    Several runs, one after the other, share it. Pressing Cancel reruns the page, which ends the
    running script at its next report.

    Args:
        stages: of each stage that will report, its words and the part of the bar that it fills;
            another, as while a turn is waited for, is told as it is named.
        key: of the button; a page with a second bar names it.
    """
    shown: list[DeltaGenerator] = []
    ended = 0

    def progress(stage: str, done: float) -> None:
        nonlocal ended
        words, first, last = stages.get(stage, (stage, 0.0, 0.0))
        share = first + (last - first) * min(max(done, 0.0), 1.0)
        if not shown:
            with place.container(height=height, border=False):
                shown.append(st.empty())
                st.button("Cancel", on_click=cancel, key=key)
        shown[0].progress(min(1.0, (ended + share) / runs), f"{words} …")
        ended += share == 1.0

    return progress
