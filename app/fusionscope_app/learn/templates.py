"""Templates: text with named values, and claims that compare them.

    Shifted, its probability falls from {p} to {moved.p}.
    moved.p < p

Values are compared as they are shown, so that a claim is true of the numbers on the screen.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from fusionscope.base.records import InputError, printable

_NAME = re.compile(r"\{([^{}]*)\}")
_CLAIM = re.compile(r"\s*(\S+)\s+(==|!=|<=|>=|<|>)\s+(\S+)\s*")
_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = MappingProxyType(
    {
        "==": operator.eq,
        "!=": operator.ne,
        "<": operator.lt,
        "<=": operator.le,
        ">": operator.gt,
        ">=": operator.ge,
    }
)


def names_in(text: str) -> list[str]:
    """The names of the values in a template, in order."""
    return _NAME.findall(text)


def filled(text: str, shown: Callable[[str], str]) -> str:
    """Replace every {name} of a template by ``shown(name)``."""
    return _NAME.sub(lambda found: shown(found[1]), text)


@dataclass(frozen=True)
class Claim:
    """A comparison of two values, or of a value and a number."""

    left: str
    sign: str
    right: str

    @property
    def names(self) -> list[str]:
        """The values that it compares, without numbers."""
        return [side for side in (self.left, self.right) if _number(side) is None]

    def holds(self, value: Callable[[str], float | str]) -> bool:
        """Whether it is true of these values.

        Raises:
            InputError: a class is compared with a number.
        """
        sides = [_number(side) for side in (self.left, self.right)]
        one, other = (
            value(name) if number is None else number
            for name, number in zip((self.left, self.right), sides, strict=True)
        )
        if isinstance(one, str) != isinstance(other, str):
            raise InputError(
                f"{self.left} and {self.right} cannot be compared; "
                "needed: two numbers or two classes"
            )
        return _OPERATORS[self.sign](one, other)


def read_claims(text: str) -> tuple[Claim, ...]:
    """Claims joined by "and".

    Raises:
        InputError: a part is not two values with a sign between them.
    """
    found = [(part, _CLAIM.fullmatch(part)) for part in re.split(r"\sand\s", text)]
    for part, match in found:
        if match is None:
            raise InputError(
                f"{printable(part)!r} is not a claim; "
                f"needed: VALUE SIGN VALUE with a sign of {', '.join(_OPERATORS)}"
            )
    return tuple(Claim(*match.groups()) for _, match in found if match)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
