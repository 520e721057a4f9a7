"""Kept: what page Errors computes once for a trial, for as long as a visitor has it open."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import streamlit as st

from fusionscope.evaluation.head_trial import HeadTrial

Made = TypeVar("Made")

_KEPT: WeakKeyDictionary[HeadTrial, dict[Hashable, Any]] = WeakKeyDictionary()


def of_trial(trial: HeadTrial, *name: Hashable, make: Callable[[], Made]) -> Made:
    """Return a result for a trial; compute it with ``make`` once."""
    kept = _KEPT.setdefault(trial, {})
    if name not in kept:
        kept[name] = make()
    return kept[name]


def while_same(name: str, parts: tuple[object, ...], make: Callable[[], Made]) -> Made:
    """Return this visitor's result of ``make``; compute it again when a part is another object."""
    held = st.session_state.get(name)
    if held is None or [*map(id, held[0])] != [*map(id, parts)]:
        held = st.session_state[name] = (parts, make())
    return held[1]
