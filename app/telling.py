"""Telling: a trouble as a page says it, in its own words and nothing that they might start.

The words hold what others chose: names of files, of classes, of what an address asks for. Shown as
Markdown, such a name would be a picture that is fetched from somewhere, a link, a formula.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from core.memory import enough_memory
from core.records import InputError

_MOST = 600  # letters; the middle of a longer text goes
_MARKS = re.compile(r"([\\`*\[\]<$])|(?<=[a-zA-Z])(://)|(?<=www)(\.)")


@contextmanager
def told() -> Iterator[None]:
    """In this block what a person can put right is told, and ends it: of a page or a fragment."""
    try:
        with enough_memory():
            yield
    except InputError as problem:
        trouble(problem)


def trouble(problem: Exception) -> None:
    """Show an error's sentence."""
    st.error(plain(str(problem)))


def plain(text: str) -> str:
    """A text as Markdown that shows these very letters, on one line, shortened in its middle."""
    text = " ".join(text.split())
    if len(text) > _MOST:
        text = f"{text[: _MOST - 100]} … {text[-90:]}"
    text = text.encode("utf-8", "replace").decode()  # a lone half of a letter cannot be sent
    return _MARKS.sub(lambda mark: f"\\{mark[0]}", text)
