"""Choice of score, method and stage on the Why page, stored in the address."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from fusionscope.base.numbers import class_name
from fusionscope.explain.attribution.methods import ATTRIBUTION_METHODS
from fusionscope.explain.target import Target
from fusionscope_app.state import address
from fusionscope_app.state.opened import Opened
from fusionscope_app.why import results
from fusionscope_app.why.results import Asked

_NONE = ""


def asked_of(opened: Opened) -> Asked:
    """Show the row of choices; the address sets their values, and the defaults fill its gaps."""
    passes, labels = opened.passes, opened.card.labels
    known = results.stages(opened)
    methods = [name for name, method in ATTRIBUTION_METHODS.items() if known or not method.staged]
    columns = st.columns([1.3, 1.3, 1.1, 1.5, 1.4], gap="small")
    with columns[0]:
        label = _choice(
            "Class", "target", list(labels), passes.said, _marked(passes.said, " (predicted)")
        )
    with columns[1]:
        rest = [_NONE, *(name for name in labels if name != label)]
        against = _choice("Versus", "against", rest, _NONE, _marked(_NONE, "–"))  # noqa: RUF001
    with columns[2]:
        heads = [*passes.logits][::-1]
        head = _choice("Head", "head", heads, passes.deciding, str)
    with columns[3]:
        method = _choice(
            "Method", "method", methods, methods[0], lambda m: ATTRIBUTION_METHODS[m].title
        )
    stage = ""
    if ATTRIBUTION_METHODS[method].staged:
        with columns[4]:
            named = address.word("stage")
            twin = f"spatial.{named.partition('.')[2]}"  # one entry for both streams
            usual = twin if twin in known and not named.startswith("fused") else known[0]
            stage = _choice("Stage", "stage", known, usual, _stage_words)
    return Asked(method, Target(head, label, against), stage)


def _choice(
    title: str, key: str, options: list[str], usual: str, words: Callable[[str], str]
) -> str:
    """Show a select box bound to the address; the default is not written there."""
    value = address.option(key, options, usual)
    unwritten = None if key == "stage" else usual  # the Fusion page has another default stage
    return st.selectbox(
        title,
        options,
        format_func=words,
        **address.bound(key, value, widget=f"why_{key}", usual=unwritten),
    )


def _marked(which: str, mark: str) -> Callable[[str], str]:
    return lambda name: class_name(name) + mark if name == which else class_name(name)


def _stage_words(stage: str) -> str:
    stream, _, name = stage.partition(".")
    return {
        "fused": f"{name} (fused)",
        "temporal": f"{name} (motion)",
    }.get(stream, f"{name} (each stream)")
