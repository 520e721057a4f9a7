"""Clip names: parse the id of a Toybox clip, after ``toybox:``."""

from __future__ import annotations

from fusionscope.base.records import InputError, printable
from fusionscope.data.toybox.world import ToyPlan, toy_plan, with_moves


def toy_plan_named(name: str) -> ToyPlan:
    """Plan of a named clip: ``8`` is seed 8; ``8~21`` is seed 8 with the moves of seed 21.

    Raises:
        InputError: the name is not a number below 10^9, or two joined by ``~``.
    """
    seed, twin, moves = name.partition("~")
    plan = toy_plan(_seed(seed))
    return with_moves(plan, toy_plan(_seed(moves)).moves) if twin else plan


def _seed(name: str) -> int:
    if not (name.isascii() and name.isdigit() and len(name) < 10):
        raise InputError(
            f"toybox:{printable(name)} is not a Toybox clip; needed: a number below 10^9"
        )
    return int(name)
