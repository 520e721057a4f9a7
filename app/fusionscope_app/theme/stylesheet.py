"""The style sheet of all HTML in the app: sizes of text, colours of the streams, rules."""

from pathlib import Path

from fusionscope_app.theme.palette import VARIABLES

_HERE = Path(__file__).parent
_RULES = "\n".join((_HERE / name).read_text("utf-8") for name in ("style.css", "teach.css"))

TYPE = (_HERE / "type.css").read_text("utf-8")
"""The sizes of text as CSS variables; the sheet of a component begins with it."""

STYLE = f"<style>\n{TYPE}:root {{ {VARIABLES} }}\n{_RULES}</style>"
