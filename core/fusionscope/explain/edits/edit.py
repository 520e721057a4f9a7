"""Edit: one change to a clip, as data: its effect on the frames and on the flow.

    pictures    frames -> frames
    along       flow -> flow, transformed with the clip: the motion of the edited clip, as far as it
                follows without measuring the flow again

Some edits change the flow only.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

import numpy as np

from fusionscope.base.records import InputError, printable
from fusionscope.video.reading.frame_times import FRAMES

Value = int | float | str


@dataclass(frozen=True)
class Setting:
    """The allowed values of one field of an edit: a range of numbers, or a list of words."""

    label: str
    low: float = 0.0
    high: float = 1.0
    step: float = 0.01
    frame: bool = False  # a frame number, from 0
    options: tuple[str, ...] = ()

    def allows(self, value: Value) -> bool:
        """Whether the value is allowed."""
        if self.options or isinstance(value, str):
            return value in self.options
        return self.low <= value <= self.high  # False for nan

    @property
    def needed(self) -> str:
        """The allowed values, in words."""
        return " or ".join(self.options) or f"{self.low:g} to {self.high:g}"


def frame_setting(label: str) -> Setting:
    """A frame number; numbers past the end of the clip stand for its last frame."""
    return Setting(label, 0, FRAMES - 1, 1, frame=True)


@dataclass(frozen=True)
class Edit:
    """Base class. Each subclass is final and changes the frames, the flow, or both."""

    title: ClassVar[str]
    settings: ClassVar[Mapping[str, Setting]] = MappingProxyType({})  # by field, in order
    of_flow: ClassVar[bool] = False  # changes the flow only
    in_place: ClassVar[bool] = False  # leaves every pixel in its place and time

    def __post_init__(self) -> None:
        for name, setting in self.settings.items():
            value = getattr(self, name)
            if not setting.allows(value):
                found = repr(value[:40]) if isinstance(value, str) else printable(str(value))
                raise InputError(
                    f"{self.title.lower()}: {setting.label.lower()} is {found}; "
                    f"needed: {setting.needed}"
                )

    @property
    def words(self) -> str:
        """The edit as a phrase that follows a clip's name."""
        raise NotImplementedError

    def pictures(self, frames: np.ndarray, mean: np.ndarray) -> np.ndarray:  # noqa: ARG002
        """(N, H, W, 3) uint8 -> (N', H, W, 3); ``mean`` (3,) replaces absent pixels."""
        return frames

    def along(self, flow: np.ndarray) -> np.ndarray:
        """(N-1, 2, H, W) pixels -> (N'-1, 2, H, W), transformed with the clip."""
        return flow

    def count_after(self, count: int) -> int:
        """The number of frames after the edit."""
        return count

    @property
    def values(self) -> tuple[Value, ...]:
        """The values of the fields, in order."""
        return tuple(getattr(self, field.name) for field in dataclasses.fields(self))
