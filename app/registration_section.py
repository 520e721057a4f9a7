"""Registration section: motion moved away from where it belongs, and what that costs."""

from __future__ import annotations

import streamlit as st

from app import controls, fusions, plots, telling
from core.explain.registration import Displacement
from core.pipeline import Analysis
from core.study.ceilings import unregistered_ceiling


@st.fragment
def registration_section(analysis: Analysis, place: str) -> None:
    """Sliders that move motion, what the network says then, and P against the shift.

    A fragment runs by itself too, and its trouble never reaches the page.
    """
    with telling.told():
        _moved(analysis, place)


def _moved(analysis: Analysis, place: str) -> None:
    said, card = analysis.passes.said, analysis.trace.card
    chunks, _, rows, columns = analysis.trace.temporal[place].shape
    left, middle, right = st.columns([1.1, 1.6, 1.3], gap="large")
    with left:
        x, y = columns // 2, rows // 2
        move = Displacement(
            right=st.slider(
                "Shift right, cells", -x, x, 0, key="fusion_move_right", bind="query-params"
            ),
            down=st.slider(
                "Shift down, cells", -y, y, 0, key="fusion_move_down", bind="query-params"
            ),
            later=st.slider(
                "Delay, chunks", 0, chunks - 1, 0, key="fusion_move_later", bind="query-params"
            )
            if chunks > 1
            else 0,
            mirror=st.toggle("Mirror left to right", key="fusion_move_mirror", bind="query-params"),
            shuffle=0
            if st.toggle("Shuffle the cells", key="fusion_move_shuffle", bind="query-params")
            else None,
        )
    (stays, moved), (_, says) = fusions.displaced_p(analysis, place, [Displacement(), move])
    table = fusions.shift_map_of(analysis, place)
    shades = controls.shades()
    with middle:
        st.plotly_chart(
            plots.shift_curves(table, shades),
            key="fusion_move_curves",
            alt=f"P of {said} against the shift of motion, along both axes",
        )
    with right:
        st.plotly_chart(
            plots.shift_map(table, shades),
            key="fusion_move_map",
            alt=f"P of {said} for every shift; no shift is in the middle",
        )
    with left:
        if move == Displacement():
            st.write(f"In place: *{said}* has **{stays:.2f}**. Move motion, and watch it.")
        else:
            verdict = "still says" if says == said else "now says"
            goes = "falls" if moved < stays else "goes"
            st.write(
                f"*{said}* {goes} from **{stays:.2f}** to **{moved:.2f}**; the network {verdict} "
                f"*{says}*."
            )
    if card.by_shift and place == card.places[0]:
        _over_clips(analysis)


def _over_clips(analysis: Analysis) -> None:
    """The same over many clips, as measured when the network was trained."""
    card = analysis.trace.card
    half, ceiling = len(card.by_shift) // 2, unregistered_ceiling(card.fusion)
    words, plot = st.columns([1.1, 2.9], gap="large")
    words.write(
        f"Over all unseen clips the fused head is right in **{card.by_shift[0]:.1%}**; with motion "
        f"moved by half the grid, {half} cells, in **{card.by_shift[half]:.1%}**. Who does not "
        f"know whose motion it is can be right in {ceiling:.1%} at best."
    )
    plot.plotly_chart(
        plots.accuracy_by_shift(card.by_shift, ceiling, controls.shades()),
        key="fusion_move_accuracy",
        alt="Accuracy on unseen clips against the shift of motion",
    )
