"""Edited labels: the true class of a Toybox clip after an edit, by the rules of Toybox."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from fusionscope.explain.edits.edit import Edit
from fusionscope.explain.edits.edit_list import KEEP
from fusionscope.explain.edits.flow_edits import Method, Scale
from fusionscope.explain.edits.picture_edits import Blur, Grey, Mirror
from fusionscope.explain.edits.time_edits import Reverse, Speed

Moves = tuple[str, str]  # the first and the second move of the striped ball

_OPPOSITE = {"left": "right", "right": "left", "up": "down", "down": "up"}


def _mirrored(moves: Moves, edit: Edit) -> Moves:  # noqa: ARG001
    """Exchange left and right."""
    first, second = (_OPPOSITE[m] if m in ("left", "right") else m for m in moves)
    return first, second


def _reversed(moves: Moves, edit: Edit) -> Moves:  # noqa: ARG001
    """Exchange the order of the moves, and reverse each."""
    return _OPPOSITE[moves[1]], _OPPOSITE[moves[0]]


def _same(moves: Moves, edit: Edit) -> Moves:  # noqa: ARG001
    return moves


def _scaled(moves: Moves, edit: Edit) -> Moves | None:
    """A positive factor keeps the moves, a negative one reverses them, zero leaves no class."""
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
    """The class shown by an edited Toybox clip; empty if it is undefined.

    It is undefined for frozen or shuffled frames, an erased box, zero flow, and if the flow is kept
    although it no longer matches the edited pictures.
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
