"""Closing popover: a popover that closes when something in it is chosen.

Streamlit keeps a popover open while its key stays the same; another key recreates it, closed.
"""

from __future__ import annotations

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def closing_popover(label: str, name: str, where: Any = st, **options: Any) -> DeltaGenerator:
    """A popover that ``close`` closes, by its name."""
    return where.popover(label, key=f"{name}_{st.session_state.get(_count(name), 0)}", **options)


def close(name: str) -> None:
    """Close a popover; from a callback, or before the script runs again."""
    st.session_state[_count(name)] = st.session_state.get(_count(name), 0) + 1


def _count(name: str) -> str:
    return f"{name}_closed"
