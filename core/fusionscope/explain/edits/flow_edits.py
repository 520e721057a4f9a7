"""Flow edits: changes of the flow only, applied after it is measured, transformed or kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

import numpy as np

from fusionscope.explain.edits.edit import Edit, Setting
from fusionscope.video.flow.methods import FLOW_METHODS, TITLES, full_precision


@dataclass(frozen=True)
class Zero(Edit):
    """Zero flow: the baseline of motion in the ledger."""

    title: ClassVar[str] = "Zero flow"
    of_flow: ClassVar[bool] = True
    in_place: ClassVar[bool] = True

    @property
    def words(self) -> str:
        """The edit as a phrase."""
        return "with zero flow"

    def along(self, flow: np.ndarray) -> np.ndarray:
        """Zero everywhere."""
        return np.zeros_like(flow)


@dataclass(frozen=True)
class Scale(Edit):
    """Every displacement multiplied by a factor; a negative one reverses it."""

    title: ClassVar[str] = "Scale flow"
    settings: ClassVar[Mapping[str, Setting]] = MappingProxyType(
        {"factor": Setting("Factor", -4, 4, 0.25)}
    )
    of_flow: ClassVar[bool] = True
    in_place: ClassVar[bool] = True
    factor: float = 2.0

    @property
    def words(self) -> str:
        """The edit as a phrase."""
        return f"with flow times {self.factor:g}".replace("-", "\N{MINUS SIGN}")

    def along(self, flow: np.ndarray) -> np.ndarray:
        """Multiply, clipped to the range of half precision."""
        most = np.finfo(np.float16).max
        scaled = full_precision(flow) * np.float32(self.factor)
        return np.clip(scaled, -most, most).astype(np.float16)


@dataclass(frozen=True)
class Method(Edit):
    """Flow by another method than the one used in training."""

    title: ClassVar[str] = "Flow method"
    settings: ClassVar[Mapping[str, Setting]] = MappingProxyType(
        {"name": Setting("Method", options=tuple(FLOW_METHODS))}
    )
    of_flow: ClassVar[bool] = True
    in_place: ClassVar[bool] = True
    name: str = "farneback"

    @property
    def words(self) -> str:
        """The edit as a phrase."""
        return f"with flow by {TITLES.get(self.name, self.name)}"
