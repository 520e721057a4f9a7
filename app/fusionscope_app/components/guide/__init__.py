"""Guide: explanations of marked words, the glossary of the page, and the tour.

The glossary comes with the component's code, so that a page sends nothing but its own name.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from streamlit.components.v2 import component

from fusionscope_app.components.script import joined_script
from fusionscope_app.glossary.terms import terms, tour

_HERE = Path(__file__).parent


def _json(found: object) -> str:
    """As JSON that cannot end a script element."""
    return json.dumps(found, ensure_ascii=False).replace("<", r"\u003c")


GLOSSARY = f"const GLOSSARY = {_json([asdict(term) for term in terms()])};\n"

TERMS_SCRIPT = f"{GLOSSARY}{joined_script(_HERE / 'terms.js')}\nnew Terms(document.body);"
"""The explanations of marked words, for a page without a server."""

_component = component(
    "fusionscope_guide",
    css=(_HERE / "guide.css").read_text("utf-8"),
    js=f"{GLOSSARY}const TOUR = {_json(tour())};\n{joined_script(_HERE / 'guide.js')}",
)


def guide(page: str) -> None:
    """Mount the guide; the tour is offered on the first page, whose name is empty."""
    _component(key="guide", data={"page": page})
