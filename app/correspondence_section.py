"""Correspondence section: which channels a fusion brings together, and how it came to that."""

from __future__ import annotations

import streamlit as st

from app import address, controls, fusions, picking, plots
from core.explain.correspondence import motion_share
from core.pipeline import Analysis


def correspondence_section(analysis: Analysis, place: str) -> None:
    """The filters as a map, and each unit's share of motion against its drift."""
    pick = picking.pick_of(analysis, place)
    found, came = fusions.correspondence_of(analysis, pick.place)
    shades = controls.shades()
    left, right = st.columns([1.6, 1], gap="large")
    with left:
        st.plotly_chart(
            plots.correspondence_map(found, pick.unit, shades),
            key="fusion_correspondence",
            alt="Weight of every fused unit from every channel of appearance and of motion",
        )
    with right:
        st.plotly_chart(
            plots.unit_shares(found, came, pick.unit, shades),
            key="fusion_shares",
            on_select=_open_unit,
            selection_mode="points",
            alt="Share of motion in each fused unit against its drift from the start",
        )
    st.caption(_words(analysis, pick))


def _open_unit() -> None:
    points = st.session_state["fusion_shares"].selection.points
    if points:
        address.put(unit=int(points[0]["point_index"]), cell=None)


def _words(analysis: Analysis, pick: picking.Pick) -> str:
    found, came = fusions.correspondence_of(analysis, pick.place)
    share = motion_share(came)[pick.unit]
    text = (
        f"A row is a fused unit; of unit {pick.unit}, {share:.0%} of what comes through on this "
        f"clip is motion, and motion holds {found.share[pick.unit]:.0%} of its filter. "
    )
    if found.drift is not None:
        text += (
            "The filter started with channel d of either stream in unit d: the two diagonals. "
            f"What lies off them was learned. Unit {pick.unit} has moved by "
            f"{found.drift[pick.unit]:.2f} of its length. "
        )
    if found.operator == "Conv3d":
        text += "Shown is the tap of the cell and chunk itself; 26 neighbours have weights too."
    if found.operator in ("Sum", "Max", "Concatenation"):
        text += "This operator has no weights: its correspondence is fixed, not learned."
    return text
