"""Edit: one change to a clip, as data: what it does to the pictures, and what that means for flow.

    pictures    frames -> frames
    along       flow -> flow, as the edit implies: what is true of the edited clip's motion, as far
                as it can be said without measuring it again

Some edits are of the flow alone; they leave the pictures as they are.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

import numpy as np

from core.records import InputError, spoken
from core.video.timing import FRAMES

Value = int | float | str


@dataclass(frozen=True)
class Setting:
    """What one field of an edit may hold: a number from low to high, or one of some words."""

    label: str
    low: float = 0.0
    high: float = 1.0
    step: float = 0.01
    frame: bool = False  # the number of a frame, from 0
    options: tuple[str, ...] = ()

    def allows(self, value: Value) -> bool:
        """May the field hold this?"""
        if self.options or isinstance(value, str):
            return value in self.options
        return self.low <= value <= self.high  # of a nan, neither

    @property
    def needed(self) -> str:
        """What it may hold, in words."""
        return " or ".join(self.options) or f"{self.low:g} to {self.high:g}"


def frame_setting(label: str) -> Setting:
    """A frame's number; beyond the clip's end is at its end."""
    return Setting(label, 0, FRAMES - 1, 1, frame=True)


@dataclass(frozen=True)
class Edit:
    """What all edits share. Each subclass is final, and changes pictures, flow, or both."""

    title: ClassVar[str]
    settings: ClassVar[Mapping[str, Setting]] = MappingProxyType({})  # by field, in their order
    of_flow: ClassVar[bool] = False  # it changes the flow alone, however that came about
    in_place: ClassVar[bool] = False  # it leaves every pixel where and when it was

    def __post_init__(self) -> None:
        for name, setting in self.settings.items():
            value = getattr(self, name)
            if not setting.allows(value):
                found = repr(value[:40]) if isinstance(value, str) else spoken(str(value))
                raise InputError(
                    f"{self.title.lower()}: {setting.label.lower()} is {found}; "
                    f"needed: {setting.needed}"
                )

    @property
    def words(self) -> str:
        """What was done, as it is said of a clip."""
        raise NotImplementedError

    def pictures(self, frames: np.ndarray, mean: np.ndarray) -> np.ndarray:  # noqa: ARG002
        """(N, H, W, 3) uint8 -> (N', H, W, 3); ``mean`` (3,) is what an absent pixel looks like."""
        return frames

    def along(self, flow: np.ndarray) -> np.ndarray:
        """(N-1, 2, H, W) pixels -> (N'-1, 2, H, W)."""
        return flow

    def count_after(self, count: int) -> int:
        """How many frames it makes of so many."""
        return count

    @property
    def values(self) -> tuple[Value, ...]:
        """What its fields hold, in their order."""
        return tuple(getattr(self, field.name) for field in dataclasses.fields(self))
