"""Why choice: which score, by which method, of which stage. All of it stands in the address."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app import address, whys
from app.whys import Asked
from core.explain.methods import METHODS
from core.explain.target import Target
from core.pipeline import Analysis

_NONE = ""


def asked_of(analysis: Analysis) -> Asked:
    """The row of choices; what the address does not say, or says wrongly, is the usual."""
    passes, labels = analysis.passes, analysis.trace.card.labels
    known = whys.stages(analysis)
    methods = [name for name, method in METHODS.items() if known or not method.staged]
    columns = st.columns([1.3, 1.3, 1.1, 1.5, 1.4], gap="small")
    with columns[0]:
        label = _choice("Why", "target", list(labels), passes.said, _marked(passes.said, " (said)"))
    with columns[1]:
        rest = [_NONE, *(name for name in labels if name != label)]
        against = _choice("and not", "against", rest, _NONE, _marked(_NONE, "–"))  # noqa: RUF001
    with columns[2]:
        heads = [*passes.logits][::-1]
        head = _choice("Head", "head", heads, passes.deciding, str)
    with columns[3]:
        method = _choice("Method", "method", methods, methods[0], lambda m: METHODS[m].title)
    stage = ""
    if METHODS[method].staged:
        with columns[4]:
            named = address.word("stage")
            twin = f"spatial.{named.partition('.')[2]}"  # both streams stand under the one name
            usual = twin if twin in known and not named.startswith("fused") else known[0]
            stage = _choice("Stage", "stage", known, usual, _stage_words)
    return Asked(method, Target(head, label, against), stage)


def _choice(
    title: str, key: str, options: list[str], usual: str, words: Callable[[str], str]
) -> str:
    """One of several, in step with the address; the usual one is not written into it."""
    named, widget = address.word(key), f"why_{key}"
    st.session_state[widget] = named if named in options else usual

    def put() -> None:
        chosen = st.session_state[widget]
        address.put(**{key: None if chosen == usual and key != "stage" else chosen})

    return st.selectbox(title, options, format_func=words, key=widget, on_change=put)


def _marked(which: str, mark: str) -> Callable[[str], str]:
    return lambda name: f"{name}{mark}" if name == which else name


def _stage_words(stage: str) -> str:
    stream, _, name = stage.partition(".")
    return {
        "fused": f"{name}, fused",
        "temporal": f"{name}, motion",
    }.get(stream, f"{name}, each stream")
