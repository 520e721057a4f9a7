"""Picture edits: changes of what the frames show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

import cv2
import numpy as np

from fusionscope.explain.edits.edit import Edit, Setting, frame_setting
from fusionscope.video.reading.frame_times import FRAMES


@dataclass(frozen=True)
class Mirror(Edit):
    """Left and right exchanged. The flow is mirrored with the frames, and u is negated."""

    title: ClassVar[str] = "Mirror"

    @property
    def words(self) -> str:
        """The edit as a phrase."""
        return "mirrored"

    def pictures(self, frames: np.ndarray, mean: np.ndarray) -> np.ndarray:  # noqa: ARG002
        """Columns from right to left."""
        return frames[:, :, ::-1]

    def along(self, flow: np.ndarray) -> np.ndarray:
        """Columns from right to left, u negated."""
        flipped = flow[..., ::-1].copy()
        flipped[:, 0] = -flipped[:, 0]
        return flipped


@dataclass(frozen=True)
class Grey(Edit):
    """Every pixel replaced by its luma. Flow is measured on luma and does not change."""

    title: ClassVar[str] = "Grey"
    in_place: ClassVar[bool] = True

    @property
    def words(self) -> str:
        """The edit as a phrase."""
        return "in grey"

    def pictures(self, frames: np.ndarray, mean: np.ndarray) -> np.ndarray:  # noqa: ARG002
        """Luma in all three channels, as the flow methods use it."""
        grey = np.stack([cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in _whole(frames)])
        return np.repeat(grey[..., None], 3, axis=3)


@dataclass(frozen=True)
class Blur(Edit):
    """A Gaussian blur of each frame: texture is lost, motion is unchanged."""

    title: ClassVar[str] = "Blur"
    in_place: ClassVar[bool] = True
    settings: ClassVar[Mapping[str, Setting]] = MappingProxyType(
        {"sigma": Setting("Sigma (pixels)", 0.5, 32, 0.5)}
    )
    sigma: float = 4.0

    @property
    def words(self) -> str:
        """The edit as a phrase."""
        return f"blurred by {self.sigma:g} pixels"

    def pictures(self, frames: np.ndarray, mean: np.ndarray) -> np.ndarray:  # noqa: ARG002
        """Convolve every frame; edge pixels are repeated outside."""
        return np.stack(
            [
                cv2.GaussianBlur(frame, (0, 0), self.sigma, borderType=cv2.BORDER_REPLICATE)
                for frame in _whole(frames)
            ]
        )


@dataclass(frozen=True)
class Erase(Edit):
    """A box in frames ``first`` to ``last``, filled with the mean of the training images.

    The mean is the standard baseline (occlusion, Zeiler and Fergus 2014) and the baseline of
    appearance in the ledger. The flow fields that start at those frames are zero in the box.
    """

    title: ClassVar[str] = "Erase"
    in_place: ClassVar[bool] = True
    settings: ClassVar[Mapping[str, Setting]] = MappingProxyType(
        {
            "x": Setting("Left"),
            "y": Setting("Top"),
            "w": Setting("Width"),
            "h": Setting("Height"),
            "first": frame_setting("From frame"),
            "last": frame_setting("To frame"),
        }
    )
    x: float = 0.35
    y: float = 0.35
    w: float = 0.3
    h: float = 0.3
    first: int = 0
    last: int = FRAMES - 1

    @property
    def words(self) -> str:
        """The edit as a phrase."""
        return "with a box erased"

    def box(self, height: int, width: int) -> tuple[slice, slice]:
        """Rows and columns of the box, cropped to the image."""
        rows, columns = (
            slice(round(start * size), round(min(start + share, 1.0) * size))
            for start, share, size in ((self.y, self.h, height), (self.x, self.w, width))
        )
        return rows, columns

    def pictures(self, frames: np.ndarray, mean: np.ndarray) -> np.ndarray:
        """Fill the box."""
        filled = frames.copy()
        filled[(slice(self.first, self.last + 1), *self.box(*frames.shape[1:3]))] = np.round(mean)
        return filled

    def along(self, flow: np.ndarray) -> np.ndarray:
        """Zero flow in the box."""
        stilled = flow.copy()
        rows, columns = self.box(*flow.shape[2:])
        stilled[self.first : self.last + 1, :, rows, columns] = 0
        return stilled


def _whole(frames: np.ndarray) -> np.ndarray:
    """A contiguous copy if needed, as OpenCV requires."""
    return np.ascontiguousarray(frames)
