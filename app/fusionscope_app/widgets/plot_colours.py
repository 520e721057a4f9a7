"""Plot colours of the visitor's theme."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.io as pio
import streamlit as st
from streamlit.elements.lib.streamlit_plotly_theme import configure_streamlit_plotly_theme

from fusionscope_app.theme import palette

if "streamlit" not in pio.templates:  # ``fusionscope app`` imports Streamlit without Plotly
    configure_streamlit_plotly_theme()


def shades() -> Mapping[str, str]:
    """The plot colours of the visitor's theme, dark or light."""
    return palette.DARK_MAP if st.context.theme.type == "dark" else palette.LIGHT_MAP
