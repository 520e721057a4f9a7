"""Address bar: keeps the browser's history at one entry for each act of the visitor."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from streamlit.components.v2 import component

from fusionscope_app.components.script import joined_script

_component = component(
    "fusionscope_address", js=joined_script(Path(__file__).parent / "address_bar.js")
)


def address_bar(kept: Sequence[str], *, key: str) -> None:
    """Watch over the browser's history; ``kept`` names the parameters that all pages share."""
    _component(key=key, data={"kept": tuple(kept)})  # for a list, Streamlit imports pandas
