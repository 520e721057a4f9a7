"""The channel weights of page Fusion: the filters, and their change in training."""

from __future__ import annotations

import streamlit as st

from fusionscope.base.records import InputError
from fusionscope.explain.fusion.channel_weights import motion_share
from fusionscope_app.fusion import plots, results, selection
from fusionscope_app.state import address
from fusionscope_app.state.opened import Opened
from fusionscope_app.widgets import plot_colours
from fusionscope_app.widgets.error_messages import plain


def correspondence_section(opened: Opened, place: str) -> None:
    """The filters as a map, and each unit's share of motion against its change in training."""
    pick = selection.pick_of(opened, place)
    try:
        found, came = results.correspondence_of(opened, pick.place)
    except InputError as problem:
        st.info(plain(f"{problem}."))
        return
    shades = plot_colours.shades()
    left, right = st.columns([1.6, 1], gap="large")
    with left:
        st.plotly_chart(
            plots.correspondence_map(found, pick.unit, shades),
            key="fusion_correspondence",
            alt="Weight of each fused unit from each channel of appearance and of motion",
        )
    with right:
        st.plotly_chart(
            plots.unit_shares(found, came, pick.unit, shades),
            key="fusion_shares",
            on_select=_open_unit,
            selection_mode="points",
            alt="Share of motion in each fused unit against its change from initialisation",
        )
    st.caption(_words(opened, pick))


def _open_unit() -> None:
    points = st.session_state["fusion_shares"].selection.points
    if points:
        address.put(unit=int(points[0]["point_index"]), cell=None)


def _words(opened: Opened, pick: selection.Pick) -> str:
    found, came = results.correspondence_of(opened, pick.place)
    share = motion_share(came)[pick.unit]
    text = (
        f"Each row is a fused unit. Motion contributes {100 * share:.0f} % of unit {pick.unit} on "
        f"this clip and has {100 * found.share[pick.unit]:.0f} % of its filter. "
    )
    if found.drift is not None:
        text += (
            "The initial filter connected channel d of either stream to unit d: the two "
            f"diagonals. Weights off them were learned. The filter of unit {pick.unit} changed by "
            f"{found.drift[pick.unit]:.2f} times its initial norm. "
        )
    if found.neighbours:
        text += (
            "The map shows the tap of the cell and chunk itself; "
            f"{found.neighbours} neighbouring taps have weights too. "
        )
    if not found.learned:
        text += "This operator has no learned weights: the connections are fixed."
    return text
