"""Pairs: two classes to teach together, and what each stream should make of them.

After teaching, ``outcomes`` compares that with the predictions for clips that were left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fusionscope.base.numbers import share_interval

if TYPE_CHECKING:
    from fusionscope.teaching.measured import Measured

GUESS = 0.5  # accuracy of a guess between two classes
_CLEAR = 0.9  # accuracy that a head which cannot tell two classes apart must clearly miss


@dataclass(frozen=True)
class Pair:
    """Two classes, and whether each stream should tell them apart."""

    classes: tuple[str, str]
    why: str  # in one sentence
    expected: Mapping[str, bool]  # appearance, motion -> should tell; a stream left out may do both


@dataclass(frozen=True)
class Outcome:
    """What a stream made of a pair, on clips that were left out."""

    head: str  # appearance or motion
    n: int  # clips of both classes
    right: int  # of them, deciding between the two classes alone
    expected: bool  # that it tells the classes apart
    held: bool | None  # None: too few clips to tell


PAIRS = (
    Pair(
        ("open a book", "close a book"),
        "The same pictures in the opposite order.",
        {"appearance": False, "motion": True},
    ),
    Pair(
        ("sit down", "stand up"),
        "One looks like the other played backwards.",
        {"appearance": False, "motion": True},
    ),
    Pair(
        ("nod", "shake the head"),
        "The same head; only the direction of its movement differs.",
        {"appearance": False, "motion": True},
    ),
    Pair(
        ("clap", "wave"),
        "Two movements, and the hands are at other places too.",
        {"motion": True},
    ),
    Pair(
        ("drink", "phone"),
        "The arm moves in nearly the same way, with something else in the hand.",
        {"appearance": True, "motion": False},
    ),
)


def outcomes(pair: Pair, found: Measured) -> list[Outcome]:
    """Compare what is expected of each stream with its predictions for clips of the two classes.

    A stream that should tell the classes apart does if the 95 % interval of its accuracy (Wilson)
    lies above 50 %. One that should not fails to if its interval contains 50 % and lies below 90 %.

    Raises:
        ValueError: a class of the pair was not measured.
    """
    if missing := {*pair.classes} - {*found.classes}:
        raise ValueError(f"expected clips of {', '.join(sorted(missing))}; got {found.classes}")
    columns = [found.classes.index(name) for name in pair.classes]
    told = []
    for head, expected in pair.expected.items():
        answers = found.heads[head]
        rows = np.isin(answers.labels, columns)
        said = np.take(columns, answers.scores[rows][:, columns].argmax(1))
        n, right = int(rows.sum()), int((said == answers.labels[rows]).sum())
        told.append(Outcome(head, n, right, expected, _held(n, right, expected) if n else None))
    return told


def _held(n: int, right: int, expected: bool) -> bool | None:
    low, high = share_interval(right / n, n)
    if low > GUESS:
        return expected
    if high < _CLEAR:
        return not expected
    return None
