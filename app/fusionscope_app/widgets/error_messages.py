"""Show errors literally, never as Markdown.

An error can contain untrusted names: of files, of classes, from the address. As Markdown, such a
name could become a link, a formula, or an image that the browser fetches.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from fusionscope.base.out_of_memory import memory_errors_as_input_errors
from fusionscope.base.records import InputError

_MOST = 600  # characters; a longer text is shortened in its middle
_MARKS = re.compile(
    r"[\\`*\[\]<$~]|(?<!\w)_|_(?!\w)|:(?=[a-zA-Z])|&(?=#?\w+;)|^[#>+=-]|(?<=^\d)[.)]|(?<=^\d\d)[.)]"
)
"""What Markdown reads: emphasis, code, links, HTML, formulas, directives, entities, lists."""

_JOINED = re.compile(
    r"(?<=:)(?=[\w+/-]+:)|(?<=:)(?=//)|(?<=www)(?=\.)|(?<=@)(?=\w)|(?<=[-<>~])(?=[-=>])"
)
"""Places where Streamlit reads an emoji, an icon, an address or an arrow, even if it is escaped."""

_JOINER = "\u2060"  # invisible


@contextmanager
def shown_errors() -> Iterator[None]:
    """Show an InputError raised in this block, which ends the page or fragment."""
    try:
        with memory_errors_as_input_errors():
            yield
    except InputError as problem:
        show_error(problem)


def show_error(problem: Exception) -> None:
    """Show the message of an error."""
    st.error(plain(str(problem)))


def plain(text: str) -> str:
    """Escape a text so that Markdown shows it literally, on one line, shortened if long.

    For everything that Streamlit reads as Markdown: text, captions, labels, tooltips, the options
    of pills. Options of select boxes and cells of tables are shown as they are.
    """
    text = " ".join(text.split())
    if len(text) > _MOST:
        text = f"{text[: _MOST - 100]} … {text[-90:]}"
    text = text.encode("utf-8", "replace").decode()  # a lone surrogate cannot be sent
    return _MARKS.sub(lambda mark: f"\\{mark[0]}", _JOINED.sub(_JOINER, text))
