"""Numbers as people read them: signs, digits, terms that add up as shown, chance.

Minus is U+2212, and what rounds to zero has no sign. Parts of a sum are rounded together, so that
the numbers shown add up to the total shown; each is less than one unit of its last digit off.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

MINUS = "\N{MINUS SIGN}"
FACTOR = 1.5
"""A prediction is no better than chance if its odds are below this multiple of a guess's odds."""
_SURE = 1.96  # standard errors to either side of a 95 % interval


def signed(value: float, places: int = 1) -> str:
    """A term of a score with its sign; what rounds to zero has none."""
    text = f"{value:+.{places}f}"
    if not any(digit in text for digit in "123456789"):
        return f"{0:.{places}f}"
    return text.replace("-", MINUS)


def plain(value: float, places: int = 1) -> str:
    """A score or a difference without a plus sign."""
    return signed(value, places).removeprefix("+")


def places_of(*values: float) -> int:
    """Decimals for numbers shown side by side: two digits of the largest, one to three decimals."""
    largest = max((abs(value) for value in values), default=0.0)
    return 1 if largest >= 0.95 or largest == 0 else 2 if largest >= 0.095 else 3


def adding_up(parts: Sequence[float], places: int) -> list[float]:
    """Round parts of a sum so that they add up to their rounded sum.

    Each part is rounded down or up; those closest to the next unit are rounded up (largest
    remainders), so the order of the parts is kept.
    """
    unit = 10.0**-places
    whole = [math.floor(round(part / unit, 6)) for part in parts]
    rest = [round(part / unit, 6) - low for part, low in zip(parts, whole, strict=True)]
    left = round(round(math.fsum(parts), places) / unit) - sum(whole)
    for at in sorted(range(len(parts)), key=lambda k: -rest[k])[: max(left, 0)]:
        whole[at] += 1
    return [round(count * unit, places) + 0.0 for count in whole]


def difference(first: float, second: float, places: int) -> float:
    """The difference of two numbers as shown, so that it can be checked by the reader."""
    return round(round(first, places) - round(second, places), places) + 0.0


def is_guess(p: float, classes: int) -> bool:
    """Whether a probability is no better than chance, 1 of so many classes.

    Odds are compared, so that the rule means the same for 2 classes (0.60) and for 21 (0.07):
    p / (1 - p) is at most ``FACTOR`` times the odds of a guess, 1 / (classes - 1).
    """
    return classes < 2 or p * (classes - 1) <= FACTOR * (1 - p)


def chance_of(classes: int) -> str:
    """The probability of a guess, with two decimals or one digit."""
    chance = 1 / max(classes, 1)
    return f"{chance:.2f}" if chance >= 0.01 else f"{chance:.1g}"


def share_interval(share: float, count: int) -> tuple[float, float]:
    """The 95 % interval of a measured share of ``count`` trials (Wilson, 1927)."""
    square = _SURE**2 / count
    middle = (share + square / 2) / (1 + square)
    half = _SURE * math.sqrt(share * (1 - share) / count + square / (4 * count)) / (1 + square)
    return max(0.0, middle - half), min(1.0, middle + half)


def class_name(label: str) -> str:
    """A class as people read it: without underscores. Links, files and JSON keep the label."""
    return label.replace("_", " ")


def together(label: str) -> str:
    """A class in a list: without underscores, its words held together by no-break spaces."""
    return class_name(label).replace(" ", "\N{NO-BREAK SPACE}")


def listed(parts: Sequence[str]) -> str:
    """Words in a row: a, b and c."""
    *most, last = parts
    return f"{', '.join(most)} and {last}" if most else last


def sentence_of(text: str) -> str:
    """A capital letter in front and a full stop at the end; nothing of nothing."""
    return f"{text[:1].upper()}{text[1:]}." if text else ""
