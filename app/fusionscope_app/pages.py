"""Pages: the file and the title of each, for the navigation and for links from page to page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import streamlit as st
from streamlit.navigation.page import StreamlitPage

TITLES: Mapping[str, str] = MappingProxyType(
    {
        "explore": "Explore",
        "learn": "Learn",
        "teach": "Teach",
        "fusion": "Fusion",
        "why": "Why",
        "what_if": "What if",
        "flow": "Flow",
        "compare": "Compare",
        "errors": "Errors",
        "models": "Models",
    }
)


def page_file(name: str) -> str:
    """The script of a page, by its name in ``TITLES``."""
    return str(Path(__file__).parent / "views" / f"{name}.py")


def all_pages() -> list[StreamlitPage]:
    """Every page, in the order of the navigation; the first is the one that opens."""
    return [
        st.Page(page_file(name), title=title, default=name == "explore")
        for name, title in TITLES.items()
    ]
