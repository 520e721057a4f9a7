"""Terms: look up the glossary entry of a text that a page shows; components/guide does the same."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Term:
    """One entry of the glossary."""

    title: str
    says: str
    names: tuple[str, ...]  # texts it explains, in lower case; * stands for any text
    kind: str = ""  # panel, detail, head, ...: where the same word means something else


@cache
def terms() -> tuple[Term, ...]:
    """Every entry, in the order of the file."""
    with (_HERE / "glossary.toml").open("rb") as file:
        found = tomllib.load(file)["term"]
    return tuple(_term(**entry) for entry in found)


@cache
def tour() -> tuple[Mapping[str, Any], ...]:
    """The steps of the tour."""
    with (_HERE / "tour.toml").open("rb") as file:
        return tuple(tomllib.load(file)["step"])


def term_of(text: str, kind: str = "") -> Term | None:
    """The entry that explains a text, or None.

    An entry of the kind goes before one of no kind; then a name before a name with an asterisk.
    """
    wanted = " ".join(text.lower().split()).removesuffix(":")
    for of in dict.fromkeys((kind, "")):
        for matches in (_equal, _fitting):
            for term in terms():
                if term.kind == of and any(matches(name, wanted) for name in term.names):
                    return term
    return None


def explained(columns: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a table (``st.dataframe``) with the glossary's help on their heads.

    Args:
        columns: name -> its configuration, or its label, or None.
    """
    found = {}
    for name, given in columns.items():
        config = {"label": given} if isinstance(given, str) else dict(given or {})
        term = term_of(config.get("label") or name)
        found[name] = config | ({"help": term.says} if term else {})
    return found


def _term(title: str, says: str, names: tuple[str, ...] = (), kind: str = "") -> Term:
    return Term(title, says, tuple(names) or (title.lower(),), kind)


def _equal(name: str, text: str) -> bool:
    return name == text


def _fitting(name: str, text: str) -> bool:
    return "*" in name and re.fullmatch(re.escape(name).replace(r"\*", ".*"), text) is not None
