"""Progress and Cancel for slow work."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from fusionscope.base.records import Progress

_STAGES: Mapping[str, tuple[str, float, float]] = {
    "decode": ("Reading the frames", 0.00, 0.25),
    "edits": ("Editing the frames", 0.00, 0.25),
    "flow": ("Computing the optical flow", 0.25, 0.70),
    "forward": ("Running the network", 0.70, 0.82),
    "maps": ("Computing the Grad-CAM maps", 0.82, 0.88),
    "pictures": ("Drawing the panels", 0.88, 1.00),
    "attribution": ("Computing the attribution", 0.00, 1.00),
    "curves": ("Computing the deletion and insertion curves", 0.00, 1.00),
    "sanity": ("Repeating the method with randomised weights", 0.00, 1.00),
    "chunks": ("Computing the contribution of each chunk", 0.00, 1.00),
}


def started(name: str, words: str, seconds: float, work: Callable[[Progress], None]) -> bool:
    """Do slow work after a click on Start; return True once it is done.

    Until then the estimated time is shown beside the button. During the work, a progress bar and
    a Cancel button replace both.

    Args:
        words: what Start does, without a full stop.
    """
    place = st.empty()
    with place.container(horizontal=True, vertical_alignment="center", gap="medium"):
        asked = st.button("Start", key=f"{name}_start", type="primary")
        st.write(f"{words} (about {duration(seconds)})")
    if not asked:
        return False
    work(progress_bar(place, cancel=lambda: None, runs=1, over=False, key=f"{name}_cancel"))
    place.empty()
    return True


def duration(seconds: float) -> str:
    """A duration in words, rounded."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} min"


def progress_bar(
    place: DeltaGenerator,
    cancel: Callable[[], None],
    runs: int = 1,
    stages: Mapping[str, tuple[str, float, float]] = _STAGES,
    over: bool = True,
    key: str = "progress_cancel",
) -> Progress:
    """Return a callback that shows a progress bar with a Cancel button in ``place``.

    The bar appears at the first report. Several runs in a row share it. Cancel reruns the page,
    which ends the running script at its next report. The previous view stays where it is.

    Args:
        cancel: runs before the page when Cancel is clicked.
        stages: stage -> its words, and the part of the bar that it fills. Any other stage, such as
            a place in the queue, is shown by its name.
        over: draw the bar over the previous view, without height of its own.
        key: the key of the button, for a page with a second bar.
    """
    shown: list[DeltaGenerator] = []
    ended = 0

    def progress(stage: str, done: float) -> None:
        nonlocal ended
        words, first, last = stages.get(stage, (stage, 0.0, 0.0))
        share = first + (last - first) * min(max(done, 0.0), 1.0)
        if not shown:
            with place.container(
                key=f"{'waiting_' if over else 'working_'}{key}",
                horizontal=True,
                vertical_alignment="center",
                gap="medium",
            ):
                shown.append(st.empty())
                st.button("Cancel", on_click=cancel, key=key)
        shown[0].progress(min(1.0, (ended + share) / runs), f"{words} …")
        ended += share == 1.0

    return progress
