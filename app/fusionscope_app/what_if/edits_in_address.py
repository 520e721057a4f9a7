"""Edits of the What if page, stored in the address, with undo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from fusionscope.base.records import InputError
from fusionscope.explain.edits.edit import Edit
from fusionscope.explain.edits.edit_list import AGAIN, KEEP, WAYS, read_edits, said, write_edits
from fusionscope_app.state import address, clips

_KEYS = ("edits", "way", "motion")
_DEPTH = 50  # changes that can be undone


@dataclass(frozen=True)
class Stack:
    """All changes to a clip."""

    edits: tuple[Edit, ...] = ()
    way: str = AGAIN
    motion: str = ""  # id of the clip that the motion comes from; empty: the same clip

    @property
    def empty(self) -> bool:
        """Whether nothing is changed."""
        return not self.edits and not self.motion

    @property
    def words(self) -> str:
        """The changes in words."""
        lent = f"with motion from “{clips.title_of(self.motion)}”" if self.motion else ""
        done = [*filter(None, (said(self.edits), lent))]
        return ", ".join(done)


def stack() -> Stack:
    """Read the changes from the address.

    Raises:
        InputError: they are invalid; the invalid parameter is removed from the address.
    """
    try:
        edits = read_edits(address.word("edits"))
    except InputError:
        address.put(edits=None)
        raise
    way = address.word("way") or AGAIN
    if way not in WAYS:
        address.put(way=None)
        raise InputError(f"unknown source of flow {way[:40]!r}; available: {', '.join(WAYS)}")
    motion = address.word("motion")
    return Stack(edits, KEEP if motion and way == AGAIN else way, motion)


def change(**values: str | None) -> None:
    """Change the address and record the change for undo, unless nothing changes."""
    before = {key: address.word(key) or None for key in _KEYS}
    if before == {**before, **values}:
        return
    _history().append(before)
    del _history()[:-_DEPTH]
    address.put(**values)


def put_edits(edits: Sequence[Edit]) -> None:
    """Replace the edits."""
    change(edits=write_edits(edits) or None)


def reset() -> None:
    """Remove all changes."""
    change(**dict.fromkeys(_KEYS))


def can_undo() -> bool:
    """Whether this session has a change to undo."""
    return bool(_history())


def undo() -> None:
    """Undo the last change; without one, remove all changes.

    Changes that the browser's Back button has already undone are skipped.
    """
    now = {key: address.word(key) or None for key in _KEYS}
    while _history() and _history()[-1] == now:
        _history().pop()
    address.put(**(_history().pop() if _history() else dict.fromkeys(_KEYS)))


def _history() -> list[dict[str, str | None]]:
    return st.session_state.setdefault("whatif_history", [])
