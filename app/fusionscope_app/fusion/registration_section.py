"""The misregistration part of page Fusion: motion features shifted against appearance."""

from __future__ import annotations

import streamlit as st

from fusionscope.base.numbers import class_name
from fusionscope.data.toybox.ceilings import unregistered_ceiling
from fusionscope.explain.fusion.misregistration import Displacement
from fusionscope.explain.ledger.changed_fusion import shifted
from fusionscope.explain.ledger.sentence import predicted
from fusionscope_app.fusion import plots, results
from fusionscope_app.state import address
from fusionscope_app.state.opened import Opened
from fusionscope_app.widgets import error_messages, plot_colours
from fusionscope_app.widgets.error_messages import plain


@st.fragment
def registration_section(opened: Opened, place: str) -> None:
    """Sliders that shift motion, the prediction with the shift, and P against the shift.

    A fragment can rerun alone; its errors are shown in its place.
    """
    with error_messages.shown_errors():
        _moved(opened, place)


def _moved(opened: Opened, place: str) -> None:
    said, card = class_name(opened.passes.said), opened.card
    chunks, _, rows, columns = opened.trace.temporal[place].shape
    left, middle, right = st.columns([1.1, 1.6, 1.3], gap="large")
    with left:
        x, y = columns // 2, rows // 2
        move = Displacement(
            right=_steps("Shift right (cells)", "fusion_move_right", -x, x),
            down=_steps("Shift down (cells)", "fusion_move_down", -y, y),
            later=_steps("Delay (chunks)", "fusion_move_later", 0, chunks - 1) if chunks > 1 else 0,
            mirror=_toggle("Mirror left to right", "fusion_move_mirror"),
            shuffle=0 if _toggle("Shuffle the cells", "fusion_move_shuffle") else None,
        )
    table = results.shift_map_of(opened, place)
    shades = plot_colours.shades()
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
            alt=f"P of {said} for every shift; the middle is no shift",
        )
    with left:
        if move == Displacement():
            p = predicted(opened.passes).p
            st.write(
                f"In place: P of *{plain(said)}* is **{p:.2f}**. The sliders shift the motion."
            )
        else:
            (logits,) = results.displaced_of(opened, place, [move])
            st.write(shifted(opened.passes, logits))
    if card.by_shift and place == card.places[0]:
        _over_clips(opened)


def _steps(label: str, parameter: str, low: int, high: int) -> int:
    value = address.step(parameter, low, high)
    return st.slider(label, low, high, **address.bound(parameter, value, usual=0))


def _toggle(label: str, parameter: str) -> bool:
    return st.toggle(label, **address.bound(parameter, address.switch(parameter), usual=False))


def _over_clips(opened: Opened) -> None:
    """The same over all test clips, as measured after training."""
    card = opened.card
    half, ceiling = len(card.by_shift) // 2, unregistered_ceiling(card.fusion)
    words, plot = st.columns([1.1, 2.9], gap="large")
    words.write(
        f"Accuracy of the fused head on all test clips: **{100 * card.by_shift[0]:.1f} %**; with "
        f"motion shifted by half the grid ({half} cells): **{100 * card.by_shift[half]:.1f} %**. "
        "Without knowing which ball moved, the best possible accuracy is "
        f"{100 * ceiling:.1f} %."
    )
    plot.plotly_chart(
        plots.accuracy_by_shift(card.by_shift, ceiling, plot_colours.shades()),
        key="fusion_move_accuracy",
        alt="Accuracy on test clips against the motion shift",
    )
