"""Order: edits of time: which frame is shown when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

import numpy as np

from core.explain.edits.edit import Edit, Setting, frame_setting
from core.records import InputError
from core.video.retiming import FASTEST, SLOWEST, retimed
from core.video.timing import FRAMES


@dataclass(frozen=True)
class Freeze(Edit):
    """Frames from ``first`` on, or all of them, show frame ``first``. Their flow is zero."""

    title: ClassVar[str] = "Freeze"
    settings: ClassVar[Mapping[str, Setting]] = MappingProxyType(
        {
            "first": frame_setting("At frame"),
            "span": Setting("What stands still", options=("rest", "whole")),
        }
    )
    first: int = 0
    span: str = "rest"

    @property
    def words(self) -> str:
        """What was done."""
        if self.span == "whole":
            return f"frozen to frame {self.first + 1}"
        return f"frozen from frame {self.first + 1} on"

    def pictures(self, frames: np.ndarray, mean: np.ndarray) -> np.ndarray:  # noqa: ARG002
        """Repeat the frame."""
        shown = np.arange(len(frames))
        held = min(self.first, len(frames) - 1)
        return frames[np.full_like(shown, held) if self.span == "whole" else shown.clip(max=held)]

    def along(self, flow: np.ndarray) -> np.ndarray:
        """Nothing moves."""
        stilled = flow.copy()
        stilled[0 if self.span == "whole" else self.first :] = 0
        return stilled


@dataclass(frozen=True)
class Reverse(Edit):
    """The last frame first. Fields go in reverse order, and lead the other way.

    A field stays on the grid that it was measured on, one frame away from where it now begins: so
    that twice reversed is as before, to the bit.
    """

    title: ClassVar[str] = "Reverse"

    @property
    def words(self) -> str:
        """What was done."""
        return "reversed"

    def pictures(self, frames: np.ndarray, mean: np.ndarray) -> np.ndarray:  # noqa: ARG002
        """The last frame first."""
        return frames[::-1]

    def along(self, flow: np.ndarray) -> np.ndarray:
        """The last field first, negated."""
        return -flow[::-1]


@dataclass(frozen=True)
class Shuffle(Edit):
    """Pieces of so many frames, in a drawn order. Each frame takes the field that began at it.

    So appearance and motion stay together, and within a piece nothing changes. From one piece to
    the next there is no motion to speak of, but a jump: the field there is what it was, while one
    measured again is what the method makes of the jump. The last frame, which began no field, takes
    the field that led to it.
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
        """What was done."""
        return "shuffled" if self.piece == 1 else f"shuffled in pieces of {self.piece} frames"

    def order(self, count: int) -> np.ndarray:
        """(count,) which frame is shown when."""
        starts = np.arange(0, count, self.piece)
        drawn = np.random.default_rng(self.seed).permutation(starts)
        return np.concatenate([np.arange(a, min(a + self.piece, count)) for a in drawn])

    def pictures(self, frames: np.ndarray, mean: np.ndarray) -> np.ndarray:  # noqa: ARG002
        """The frames in their new order."""
        return frames[self.order(len(frames))]

    def along(self, flow: np.ndarray) -> np.ndarray:
        """The fields in the order of the frames at which they begin."""
        return flow[self.order(len(flow) + 1)[:-1].clip(max=len(flow) - 1)]


@dataclass(frozen=True)
class Speed(Edit):
    """So many times as fast, at the same rate of frames: some are dropped, or shown repeatedly.

    Moment m of the edited clip is moment m x factor of the clip, and shows the frame at it or
    before it. Flow leads from moment to moment: chained over frames that are dropped, in even parts
    between frames that are repeated. Measured again, it is the same for whole factors; for others
    it goes in jerks, as repeated frames do not move, and the same only on average.
    """

    title: ClassVar[str] = "Speed"
    settings: ClassVar[Mapping[str, Setting]] = MappingProxyType(
        {"factor": Setting("Times as fast", SLOWEST, FASTEST, 0.25)}
    )
    factor: float = 2.0

    @property
    def words(self) -> str:
        """What was done."""
        return f"played {self.factor:g} times as fast"

    def count_after(self, count: int) -> int:
        """Fewer where it is faster, more where it is slower."""
        return int((count - 1) / self.factor) + 1

    def moments(self, count: int) -> np.ndarray:
        """(N',) moments of a clip of ``count`` frames, in frames."""
        moments = np.arange(self.count_after(count)) * self.factor
        return moments.clip(max=count - 1)

    def pictures(self, frames: np.ndarray, mean: np.ndarray) -> np.ndarray:  # noqa: ARG002
        """Drop or repeat frames."""
        count = self.count_after(len(frames))
        if not 2 <= count <= FRAMES:
            raise InputError(
                f"{self.words}, the clip's frames number {count}; needed: 2 to {FRAMES}"
            )
        return frames[self.moments(len(frames)).astype(int)]

    def along(self, flow: np.ndarray) -> np.ndarray:
        """From moment to moment."""
        return retimed(flow, self.moments(len(flow) + 1))
