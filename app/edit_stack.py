"""Edit stack: what page What if changes. It stands in the address, and can be undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from app import address, session
from core.explain.edits.edit import Edit
from core.explain.edits.stack import AGAIN, KEEP, WAYS, read_edits, said, write_edits
from core.records import InputError

_KEYS = ("edits", "way", "motion")
_DEPTH = 50  # changes that can be undone


@dataclass(frozen=True)
class Stack:
    """All that is changed of a clip."""

    edits: tuple[Edit, ...] = ()
    way: str = AGAIN
    motion: str = ""  # id of the clip whose motion is lent; empty: its own

    @property
    def empty(self) -> bool:
        """Is nothing changed?"""
        return not self.edits and not self.motion

    @property
    def words(self) -> str:
        """What was done."""
        lent = f"with the motion of “{session.title_of(self.motion)}”" if self.motion else ""
        done = [*filter(None, (said(self.edits), lent))]
        return ", ".join(done)


def stack() -> Stack:
    """What the address says.

    Raises:
        InputError: it cannot be read; the address lets go of it.
    """
    try:
        edits = read_edits(address.word("edits"))
    except InputError:
        address.put(edits=None)
        raise
    way = address.word("way") or AGAIN
    if way not in WAYS:
        address.put(way=None)
        raise InputError(f"there is no way {way[:40]!r} to the flow; there are {', '.join(WAYS)}")
    motion = address.word("motion")
    return Stack(edits, KEEP if motion and way == AGAIN else way, motion)


def change(**values: str | None) -> None:
    """Change the address, so that it can be undone; what changes nothing is not remembered."""
    before = {key: address.word(key) or None for key in _KEYS}
    if before == {**before, **values}:
        return
    _history().append(before)
    del _history()[:-_DEPTH]
    address.put(**values)


def put_edits(edits: Sequence[Edit]) -> None:
    """Put other edits in the place of those that are there."""
    change(edits=write_edits(edits) or None)


def reset() -> None:
    """Change nothing."""
    change(**dict.fromkeys(_KEYS))


def can_undo() -> bool:
    """Was anything changed in this session?"""
    return bool(_history())


def undo() -> None:
    """Take the last change back; where none is known, change nothing.

    What the browser's own way back has brought back already is passed over.
    """
    now = {key: address.word(key) or None for key in _KEYS}
    while _history() and _history()[-1] == now:
        _history().pop()
    address.put(**(_history().pop() if _history() else dict.fromkeys(_KEYS)))


def _history() -> list[dict[str, str | None]]:
    return st.session_state.setdefault("whatif_history", [])
