"""Time edits: which frame is shown when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

import numpy as np

from fusionscope.base.records import InputError
from fusionscope.explain.edits.edit import Edit, Setting, frame_setting
from fusionscope.video.flow.resampling import FASTEST, SLOWEST, retimed
from fusionscope.video.reading.frame_times import FRAMES


@dataclass(frozen=True)
class Freeze(Edit):
    """Frames from ``first`` on, or all frames, repeat frame ``first``; their flow is zero."""

    title: ClassVar[str] = "Freeze"
    settings: ClassVar[Mapping[str, Setting]] = MappingProxyType(
        {
            "first": frame_setting("At frame"),
            "span": Setting("Frames frozen", options=("rest", "whole")),
        }
    )
    first: int = 0
    span: str = "rest"

    @property
    def words(self) -> str:
        """The edit as a phrase."""
        if self.span == "whole":
            return f"frozen to frame {self.first + 1}"
        return f"frozen from frame {self.first + 1} on"

    def pictures(self, frames: np.ndarray, mean: np.ndarray) -> np.ndarray:  # noqa: ARG002
        """Repeat the frame."""
        shown = np.arange(len(frames))
        held = min(self.first, len(frames) - 1)
        return frames[np.full_like(shown, held) if self.span == "whole" else shown.clip(max=held)]

    def along(self, flow: np.ndarray) -> np.ndarray:
        """Zero for the frozen frames."""
        stilled = flow.copy()
        stilled[0 if self.span == "whole" else self.first :] = 0
        return stilled


@dataclass(frozen=True)
class Reverse(Edit):
    """The frames in reverse order; the flow fields too, negated.

    A field keeps the grid on which it was measured, one frame from where it now starts, so that
    reversing twice gives the original bit for bit.
    """

    title: ClassVar[str] = "Reverse"

    @property
    def words(self) -> str:
        """The edit as a phrase."""
        return "reversed"

    def pictures(self, frames: np.ndarray, mean: np.ndarray) -> np.ndarray:  # noqa: ARG002
        """The frames in reverse order."""
        return frames[::-1]

    def along(self, flow: np.ndarray) -> np.ndarray:
        """The fields in reverse order, negated."""
        return -flow[::-1]


@dataclass(frozen=True)
class Shuffle(Edit):
    """Pieces of ``piece`` frames in random order; each frame keeps its flow field.

    Appearance and motion stay together, and nothing changes within a piece. Between pieces the clip
    jumps: the field there is the original one, while flow measured again responds to the jump. The
    last frame has no field of its own and takes the one that ends at it.
    """

    title: ClassVar[str] = "Shuffle"
    settings: ClassVar[Mapping[str, Setting]] = MappingProxyType(
        {
            "seed": Setting("Seed", 0, 999, 1),
            "piece": Setting("Frames kept together", 1, FRAMES // 2, 1),
        }
    )
    seed: int = 1
    piece: int = 1

    @property
    def words(self) -> str:
        """The edit as a phrase."""
        return "shuffled" if self.piece == 1 else f"shuffled in pieces of {self.piece} frames"

    def order(self, count: int) -> np.ndarray:
        """(count,) index of the frame shown at each time."""
        starts = np.arange(0, count, self.piece)
        drawn = np.random.default_rng(self.seed).permutation(starts)
        return np.concatenate([np.arange(a, min(a + self.piece, count)) for a in drawn])

    def pictures(self, frames: np.ndarray, mean: np.ndarray) -> np.ndarray:  # noqa: ARG002
        """The frames in their new order."""
        return frames[self.order(len(frames))]

    def along(self, flow: np.ndarray) -> np.ndarray:
        """The fields in the order of the frames at which they start."""
        return flow[self.order(len(flow) + 1)[:-1].clip(max=len(flow) - 1)]


@dataclass(frozen=True)
class Speed(Edit):
    """Playback ``factor`` times as fast at the same frame rate: frames are dropped or repeated.

    Frame m of the edited clip shows time m x factor of the original: the last frame at or before
    it. Flow is chained over dropped frames and divided evenly between repeated ones. For integer
    factors it equals the flow measured again; for others the measured flow is uneven, as repeated
    frames do not move, and equal only on average.
    """

    title: ClassVar[str] = "Speed"
    settings: ClassVar[Mapping[str, Setting]] = MappingProxyType(
        {"factor": Setting("Speed factor", SLOWEST, FASTEST, 0.25)}
    )
    factor: float = 2.0

    @property
    def words(self) -> str:
        """The edit as a phrase."""
        return f"played {self.factor:g} times as fast"

    def count_after(self, count: int) -> int:
        """The number of frames after the change of speed."""
        return int((count - 1) / self.factor) + 1

    def moments(self, count: int) -> np.ndarray:
        """(N',) times in a clip of ``count`` frames, in frames."""
        moments = np.arange(self.count_after(count)) * self.factor
        return moments.clip(max=count - 1)

    def pictures(self, frames: np.ndarray, mean: np.ndarray) -> np.ndarray:  # noqa: ARG002
        """Drop or repeat frames."""
        count = self.count_after(len(frames))
        if not 2 <= count <= FRAMES:
            raise InputError(
                f"{self.words}, the clip has {count} frame{'s' * (count != 1)}; "
                f"needed: 2 to {FRAMES}"
            )
        return frames[self.moments(len(frames)).astype(int)]

    def along(self, flow: np.ndarray) -> np.ndarray:
        """The flow between the times shown."""
        return retimed(flow, self.moments(len(flow) + 1))
