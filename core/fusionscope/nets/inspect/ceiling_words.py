"""Ceiling words: a measured accuracy beside the best possible one, and what it means above it."""

from __future__ import annotations

from fusionscope.base.numbers import share_interval
from fusionscope.base.records import percent

WITHIN = "within chance of its ceiling"
LEAK = "above its ceiling by more than chance: the data leaks the class"


def above_ceiling(share: float, ceiling: float | None, tested: int) -> str:
    """What an accuracy above its ceiling means; empty for one that is not above.

    Within chance: the 95 % binomial interval of the accuracy over the tested clips holds the
    ceiling. Without the number of clips, chance cannot be judged.
    """
    if ceiling is None or share <= ceiling:
        return ""
    if not tested:
        return "above its ceiling, on an unknown number of clips"
    return WITHIN if share_interval(share, tested)[0] <= ceiling else LEAK


def ceiling_words(share: float, ceiling: float, tested: int) -> str:
    """A ceiling beside an accuracy, in brackets where the accuracy is above it."""
    above = above_ceiling(share, ceiling, tested)
    return f"ceiling {percent(ceiling, 1)}" + (f" ({above})" if above else "")
