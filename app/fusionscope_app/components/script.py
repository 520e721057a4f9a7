"""Join the ES modules of a component into the one script that Streamlit takes: no build step."""

from __future__ import annotations

import re
from pathlib import Path

_IMPORT = re.compile(r'^import \{[^}]*\} from "([^"]+)";\n', re.MULTILINE)
_TYPES = re.compile(r"^[ \t]*/\*\*.*?\*/[ \t]*\n?", re.MULTILINE | re.DOTALL)
_EXPORT = re.compile(r"^export (?!default\b)", re.MULTILINE)


def joined_script(entry: Path) -> str:
    """Return a module and all that it imports as one module; imported code comes first.

    All modules then share one scope, so their top-level names must differ. Types are left out.
    """
    parts: dict[Path, str] = {}

    def add(module: Path) -> None:
        if module in parts:
            return
        text = module.read_text("utf-8")
        for name in _IMPORT.findall(text):
            add((module.parent / name).resolve())
        parts[module] = _EXPORT.sub("", _TYPES.sub("", _IMPORT.sub("", text)))

    add(entry.resolve())
    return "\n".join(parts.values())
