"""Motion: edits of the flow alone. They come after it, measured again, edited along or kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

import numpy as np

from core.explain.edits.edit import Edit, Setting
from core.video.flow import METHODS, TITLES, full_precision


@dataclass(frozen=True)
class Zero(Edit):
    """No motion: what the ledger takes an absent motion stream for."""

    title: ClassVar[str] = "Zero flow"
    of_flow: ClassVar[bool] = True
    in_place: ClassVar[bool] = True

    @property
    def words(self) -> str:
        """What was done."""
        return "with zero flow"

    def along(self, flow: np.ndarray) -> np.ndarray:
        """Zero everywhere."""
        return np.zeros_like(flow)


@dataclass(frozen=True)
class Scale(Edit):
    """Every displacement so many times as long; below zero, the other way."""

    title: ClassVar[str] = "Scale flow"
    settings: ClassVar[Mapping[str, Setting]] = MappingProxyType(
        {"factor": Setting("Factor", -4, 4, 0.25)}
    )
    of_flow: ClassVar[bool] = True
    in_place: ClassVar[bool] = True
    factor: float = 2.0

    @property
    def words(self) -> str:
        """What was done."""
        return f"with flow times {self.factor:g}".replace("-", "\N{MINUS SIGN}")

    def along(self, flow: np.ndarray) -> np.ndarray:
        """Multiply, as far as half precision reaches: many in a row would leave no number."""
        most = np.finfo(np.float16).max
        scaled = full_precision(flow) * np.float32(self.factor)
        return np.clip(scaled, -most, most).astype(np.float16)


@dataclass(frozen=True)
class Method(Edit):
    """Flow by another method than the one that the network was trained on."""

    title: ClassVar[str] = "Flow method"
    settings: ClassVar[Mapping[str, Setting]] = MappingProxyType(
        {"name": Setting("Method", options=tuple(METHODS))}
    )
    of_flow: ClassVar[bool] = True
    in_place: ClassVar[bool] = True
    name: str = "farneback"

    @property
    def words(self) -> str:
        """What was done."""
        return f"with flow by {TITLES.get(self.name, self.name)}"
