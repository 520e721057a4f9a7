"""Slow: what a plain run leaves out, and the run of all holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def rest_slow(cases: Iterable[Any], *always: Any) -> list[Any]:
    """Cases of one kind, of which a plain run takes only ``always``."""
    known = [*cases]
    if missing := [case for case in always if case not in known]:
        raise ValueError(f"expected {', '.join(map(str, known))}; got {missing}")
    return [case if case in always else all_slow(case)[0] for case in known]


def all_slow(*cases: Any) -> list[Any]:
    """Cases that a plain run leaves out."""
    return [
        pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.slow)
        for case in cases
    ]
