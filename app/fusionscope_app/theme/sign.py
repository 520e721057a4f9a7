"""Sign: how plots show positive and negative numbers, with and without colour."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

_BEYOND = ("\N{LESS-THAN OR EQUAL TO} ", "\N{GREATER-THAN OR EQUAL TO} ")


def sign_scale(shades: Mapping[str, str]) -> list[list[Any]]:
    """Return the colour scale of a signed heat map: negative, zero, positive."""
    return [[0, shades["negative"]], [0.5, shades["ground"]], [1, shades["positive"]]]


def sign_marks(values: np.ndarray, shades: Mapping[str, str]) -> dict[str, Any]:
    """Return the markers of bars: one colour for each sign; negative bars are hatched."""
    negative = np.nan_to_num(values) < 0
    return {
        "color": np.where(negative, shades["negative"], shades["positive"]).tolist(),
        "pattern": {
            "shape": np.where(negative, "/", "").tolist(),
            "fillmode": "overlay",
            "fgcolor": shades["ground"],
            "size": 6,
            "solidity": 0.25,
        },
    }


def sign_bar(title: str, limit: float, beyond: bool) -> dict[str, Any]:
    """Return a colour bar with minus, 0 and plus on it.

    Args:
        beyond: whether values beyond the limits exist; they have the colours of the ends.
    """
    less, more = _BEYOND if beyond else ("", "")
    ends = [f"{less}\N{MINUS SIGN}{limit:.2g}", "0", f"{more}+{limit:.2g}"]
    return {"thickness": 10, "title": title, "tickvals": [-limit, 0, limit], "ticktext": ends}
