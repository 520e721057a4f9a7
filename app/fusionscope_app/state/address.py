"""Address: page state shared through the URL, so that every view is a link.

    clip    toybox:8, data:..., upload:...      model   a network's name
    place   a stage where the streams are fused      stage   the stage shown in the diagram
    unit    a fused channel                      cell    chunk.row.column, counted from 0
    expected    a class to compare with the predicted one
    methods  flow methods, joined by dots       drawn   how the flow is drawn
    method  attribution method       target, against     class, and the class it is compared with
    head    the head of the score
    edits    the edits of the What if page        way      the source of the edited clip's flow
    motion    the clip that a chimera takes its motion from
    pin      the place clicked last: frame, x and y in thousandths of the picture, panel

The browser adds ``frame`` while the player is paused (player/moment.js), and ``arrange`` where the
viewer chose an arrangement of the panels (player/arrangement/stored.js).

Parameters of a single page (``OF_ONE_PAGE``) start with the page's name: fusion_move_right,
errors_truth. They are dropped with the page; all others (``KEYS``) are kept on the next page.

``bound`` binds every widget whose value is in the address. Streamlit's own ``bind="query-params"``
is not used. It names a parameter after the widget and writes the label of an option, so that a new
label would break old links. It cannot bind components, tables, or two widgets of one parameter (a
unit by number or by pill), and ``put`` could not change what it has bound.

Streamlit clears the address when another page is opened; ``carry_over`` restores it. An act of the
visitor adds one entry to the browser's history, whatever is put in its wake
(components/address_bar). Back and Forward restore an entry as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypedDict

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

KEYS = (
    *("clip", "model", "other", "place", "stage", "unit", "cell", "expected"),
    *("method", "target", "against", "head", "methods", "drawn"),
    *("edits", "way", "motion", "pin", "arrange"),
    *("lesson", "step", "lecture"),
)
OF_ONE_PAGE = (
    *("fusion_swap", "fusion_move_right", "fusion_move_down", "fusion_move_later"),
    *("fusion_move_mirror", "fusion_move_shuffle", "fusion_chunk", "fusion_lens"),
    *("errors_view", "errors_part", "errors_truth", "errors_said", "errors_sure", "errors_text"),
    *("errors_spatial", "errors_temporal", "errors_fused", "errors_late", "errors_data"),
    *("errors_paint", "errors_group", "errors_heads", "errors_rule", "errors_weights"),
    *("errors_cold", "errors_clips", "errors_tag", "errors_odd", "models_shown"),
    *("errors_slice", "errors_measure", "errors_columns"),
    *("explore_film", "explore_step", "teach_towers", "teach_mirror", "teach_head"),
    "compare_view",
)
Value = str | int | tuple[int | str, ...] | None
Values = Mapping[str, str | int | bool]


class Bound(TypedDict):
    """Arguments of a Streamlit widget that bind it to the address."""

    key: str
    on_change: Callable[[], None]


def carry_over(page: str) -> None:
    """Restore the parameters of the previous page, and store the current ones.

    Back and Forward restore an address by themselves: nothing is added to it.
    """
    kept: dict[str, str] = st.session_state.setdefault("address", {})
    if st.session_state.get("address_page", page) != page and not _is_history():
        missing = {key: value for key, value in kept.items() if key not in st.query_params}
        if missing:
            st.query_params.update(missing)
    st.session_state["address_page"] = page
    kept.clear()
    kept.update({key: st.query_params[key] for key in KEYS if key in st.query_params})


def _is_history() -> bool:
    """Whether Back or Forward caused this run."""
    return getattr(get_script_run_ctx(), "is_history_navigation", False)


def bound(
    parameter: str,
    value: Any,
    widget: str = "",
    usual: Any = None,
    clear: Sequence[str] = (),
    write: Callable[[Any], None] | None = None,
) -> Bound:
    """Bind a widget to the address: it shows ``value``, and changes are written to the address.

    Args:
        value: the value read from the address, or a default if that is invalid.
        widget: the widget's key, if it is not the parameter's name.
        usual: the default, which is not written.
        clear: parameters that a change removes.
        write: writes a change to the address itself, if one value is not one parameter.
    """
    key = widget or parameter

    def changed() -> None:
        st.session_state["address_changed"] = key
        chosen = st.session_state[key]
        if write is not None:
            write(chosen)
        else:
            put(**{parameter: None if chosen == usual else chosen}, **dict.fromkeys(clear))

    # The widget being changed is not set: that would move a slider while it is being dragged.
    mine = st.session_state.get("address_changed") == key
    if mine:
        del st.session_state["address_changed"]
    if not mine or st.session_state.get(key) != value:
        st.session_state[key] = value
    return {"key": key, "on_change": changed}


def put(**values: Value) -> None:
    """Change the address in one step of the browser's history; None removes a key."""
    kept: dict[str, str] = st.session_state.setdefault("address", {})
    told = st.query_params.to_dict()
    texts = written(**values)
    gone = {key for key, value in values.items() if value is None}
    kept.update({key: text for key, text in texts.items() if key in KEYS})
    for key in gone:
        kept.pop(key, None)
    wanted = {key: value for key, value in told.items() if key not in gone} | texts
    if wanted != told:
        st.query_params.from_dict(wanted)


def replace(**values: Value) -> None:
    """Change the whole address in one step of the browser's history: nothing else is kept."""
    kept: dict[str, str] = st.session_state.setdefault("address", {})
    texts = written(**values)
    kept.clear()
    kept.update({key: text for key, text in texts.items() if key in KEYS})
    if texts != st.query_params.to_dict():
        st.query_params.from_dict(texts)


def written(**values: Value) -> dict[str, str]:
    """Parameters as the address writes them, for a link; None leaves one out."""
    if unknown := [key for key in values if key not in KEYS + OF_ONE_PAGE]:
        raise ValueError(
            f"expected keys from {', '.join(KEYS + OF_ONE_PAGE)}, got {', '.join(unknown)}"
        )
    return {key: _text(value) for key, value in values.items() if value is not None}


def _text(value: str | int | tuple[int | str, ...]) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ".".join(map(str, value)) if isinstance(value, tuple) else str(value)


def everything() -> dict[str, str]:
    """Every parameter, including unknown ones."""
    return st.query_params.to_dict()


def word(key: str) -> str:
    """The value of a parameter; empty if it is missing."""
    return st.query_params.get(key, "")


def option(key: str, options: Collection[str], usual: str) -> str:
    """The option in the address, or the default."""
    return word(key) if word(key) in options else usual


def switch(key: str) -> bool:
    """Whether a parameter is ``true``."""
    return word(key).lower() == "true"


def step(key: str, low: int, high: int) -> int:
    """A whole number within bounds; 0 if it is missing or invalid."""
    found = whole([word(key).removeprefix("-")])
    value = -found[0] if found and word(key).startswith("-") else sum(found)
    return value if low <= value <= high else 0


def words(key: str) -> tuple[str, ...]:
    """Words joined by dots; empty if the parameter is missing."""
    return tuple(filter(None, word(key).split(".")))


def number(key: str) -> int | None:
    """A number, 0 or more; None if it is missing or invalid."""
    found = numbers(key)
    return found[0] if len(found) == 1 else None


def numbers(key: str) -> tuple[int, ...]:
    """Numbers joined by dots, 0 or more; empty if missing or invalid."""
    return whole(word(key).split("."))


def whole(parts: Sequence[str]) -> tuple[int, ...]:
    """Words as numbers, 0 or more; empty if one of them is invalid."""
    with suppress(ValueError):
        if all(part.isascii() and part.isdigit() and len(part) < 7 for part in parts):
            return tuple(int(part) for part in parts)
    return ()
