"""Link box: the page's address in a menu, with the frame that the player shows.

Only the browser knows that frame (``player/moment.js``), so the browser adds it here.
"""

from __future__ import annotations

from pathlib import Path

from streamlit.components.v2 import component

from fusionscope_app.components.script import joined_script
from fusionscope_app.theme.stylesheet import TYPE

_HERE = Path(__file__).parent
_component = component(
    "fusionscope_link",
    css=TYPE + (_HERE / "link_box.css").read_text("utf-8"),
    js=joined_script(_HERE / "link_box.js"),
)


def link_box(address: str, *, key: str) -> None:
    """Show an address with a query, to copy; the browser adds the frame."""
    _component(key=key, data=address.encode())  # Streamlit tries to read text as a table
