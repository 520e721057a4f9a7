"""Toy names: Toybox clips by what their ids say behind ``toybox:``."""

from __future__ import annotations

from core.records import InputError, spoken
from core.study.toybox import Plan, toy_plan, with_moves


def plan_named(name: str) -> Plan:
    """``8``: the clip of seed 8; ``8~21``: that clip, had its balls the moves of 21.

    Raises:
        InputError: the name is no number below 10^9, nor two.
    """
    seed, twin, moves = name.partition("~")
    plan = toy_plan(_seed(seed))
    return with_moves(plan, toy_plan(_seed(moves)).moves) if twin else plan


def _seed(name: str) -> int:
    if not (name.isascii() and name.isdigit() and len(name) < 10):
        raise InputError(
            f"toybox:{spoken(name)} is no Toybox clip; needed toybox: and a number below 10^9"
        )
    return int(name)
