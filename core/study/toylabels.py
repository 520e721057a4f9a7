"""Toybox labels of edited clips: what the world's rules say that an edit makes of two moves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from core.explain.edits.edit import Edit
from core.explain.edits.motion import Method, Scale
from core.explain.edits.order import Reverse, Speed
from core.explain.edits.picture import Blur, Grey, Mirror
from core.explain.edits.stack import KEEP

Moves = tuple[str, str]  # the first and the second move of the striped ball

_OPPOSITE = {"left": "right", "right": "left", "up": "down", "down": "up"}


def _mirrored(moves: Moves, edit: Edit) -> Moves:  # noqa: ARG001
    """Left and right change places."""
    first, second = (_OPPOSITE[m] if m in ("left", "right") else m for m in moves)
    return first, second


def _reversed(moves: Moves, edit: Edit) -> Moves:  # noqa: ARG001
    """The last move comes first, and each goes the other way."""
    return _OPPOSITE[moves[1]], _OPPOSITE[moves[0]]


def _same(moves: Moves, edit: Edit) -> Moves:  # noqa: ARG001
    return moves


def _scaled(moves: Moves, edit: Edit) -> Moves | None:
    """Faster or slower is the same move; the other way is the opposite one; not at all is none."""
    factor = edit.factor if isinstance(edit, Scale) else 1
    if factor < 0:
        return _OPPOSITE[moves[0]], _OPPOSITE[moves[1]]
    return moves if factor else None


_RULES: Mapping[type[Edit], Callable[[Moves, Edit], Moves | None]] = MappingProxyType(
    {
        Mirror: _mirrored,
        Reverse: _reversed,
        Speed: _same,
        Grey: _same,
        Blur: _same,
        Method: _same,
        Scale: _scaled,
    }
)


def edited_label(label: str, edits: Sequence[Edit], way: str) -> str:
    """The class that an edited Toybox clip shows; empty where the rules say nothing of it.

    They say nothing of frozen or shuffled frames, of an erased box, of zero flow, nor where a flow
    is kept that its pictures no longer go with.
    """
    first, _, second = label.partition(", then ")
    if first not in _OPPOSITE or second not in _OPPOSITE:
        return ""
    moves: Moves | None = (first, second)
    for edit in edits:
        apart = way == KEEP and not edit.in_place
        if moves is None or apart or type(edit) not in _RULES:
            return ""
        moves = _RULES[type(edit)](moves, edit)
    return "{}, then {}".format(*moves) if moves else ""
