"""Snippets: a network's input, T chunks of a clip with one frame and L flow fields each."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from fusionscope.base.records import InputError, seal
from fusionscope.card import Card
from fusionscope.video.clip import Clip
from fusionscope.video.flow.methods import full_precision, interleaved, net_view


@dataclass(frozen=True, eq=False)
class Snippets:
    """The inputs of one run, and their positions in the clip."""

    rgb: np.ndarray  # (T, 3, H, W) uint8
    flow: np.ndarray  # (T, 2L, H, W) uint8: u1, v1, u2, v2, ... as scaled by ``net_view``
    frames: np.ndarray  # (T,) int: the frame of each chunk
    stack: int  # L: the flow of the chunk at frame c spans frames c - L//2 to c - L//2 + L

    def __post_init__(self) -> None:
        if len(self.rgb) != len(self.flow) or len(self.rgb) != len(self.frames):
            raise ValueError(
                f"expected T chunks throughout, got {len(self.rgb)} of rgb, {len(self.flow)} of "
                f"flow, {len(self.frames)} frames"
            )
        seal(self)

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """First and last frame spanned by each chunk's flow: L + 1 frames."""
        return tuple(
            (int(c) - self.stack // 2, int(c) - self.stack // 2 + self.stack) for c in self.frames
        )


def chunk_frames(count: int, chunks: int, stack: int) -> np.ndarray:
    """Spread T chunks evenly over ``count`` frames, each with a complete flow stack: (T,) frames.

    Raises:
        InputError: the clip is shorter than one stack.
    """
    low, high = whole_stacks(count, stack)
    even = np.floor((np.arange(chunks) + 0.5) * count / chunks).astype(int)
    return np.clip(even, low, high)


def whole_stacks(count: int, stack: int) -> tuple[int, int]:
    """First and last frame with a complete flow stack around it.

    Raises:
        InputError: the clip is shorter than one stack.
    """
    if count < stack + 1:
        raise InputError(
            f"the clip has {count} frames; this network needs at least {stack + 1}, "
            f"for {stack} consecutive flow fields"
        )
    return stack // 2, count - 1 - (stack - stack // 2)


def dense_frames(count: int, chunks: int, stack: int, groups: int = 20) -> list[np.ndarray]:
    """Up to ``groups`` sets of (T,) evenly spaced frames, with starts spread over the clip.

    The paper's dense sampling (section 3.5): 20 predictions per clip. A short clip has fewer
    distinct sets.

    Raises:
        InputError: the clip is shorter than one stack.
    """
    low, high = whole_stacks(count, stack)
    step = min(10, (high - low) // chunks)
    starts = np.linspace(low, high - step * (chunks - 1), groups).round().astype(int)
    return [first + step * np.arange(chunks) for first in np.unique(starts)]


def sample_snippets(
    clip: Clip, flow: np.ndarray, card: Card, frames: np.ndarray | None = None
) -> Snippets:
    """Sample the input of the card's network from a clip and its flow (N-1, 2, H, W) pixels.

    Frames and flow are scaled to the card's short side without cropping; flow values are not
    rescaled (paper.md 5.1).

    Args:
        frames: (T,) the frame of each chunk; None: spread evenly.
    """
    if flow.shape[0] != len(clip.frames) - 1 or flow.shape[2:] != clip.frames.shape[1:3]:
        raise ValueError(f"expected flow of {clip.frames.shape}, got {flow.shape}")
    if frames is None:
        frames = chunk_frames(len(clip.frames), card.chunks, card.stack)
    height, width = clip.frames.shape[1:3]
    size = fed_size(height, width, card.size)
    rgb = np.stack([fed_frame(clip.frames[c], size) for c in frames])
    first = frames - card.stack // 2
    needed = {n for a in first for n in range(a, a + card.stack)}
    views = {n: fed_field(flow[n], size) for n in needed}
    stacks = [interleaved(np.stack([views[n] for n in range(a, a + card.stack)])) for a in first]
    return Snippets(rgb, np.stack(stacks), frames, card.stack)


def fed_frame(frame: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Prepare one frame for a network of this input size: (H, W, 3) -> (3, h, w) uint8."""
    return _resized(frame, size).transpose(2, 0, 1)


def fed_field(field: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Prepare one field for a network of this input size: (2, H, W) pixels -> (2, h, w) uint8."""
    return net_view(_resized(_hwc(field), size).transpose(2, 0, 1))


def mirrored(snippets: Snippets) -> Snippets:
    """Mirror frames and flow left to right, with u negated."""
    rgb = np.ascontiguousarray(snippets.rgb[..., ::-1])
    return Snippets(rgb, mirrored_flow(snippets.flow), snippets.frames, snippets.stack)


def mirrored_flow(flow: np.ndarray) -> np.ndarray:
    """Mirror flow left to right, (T, 2L, H, W) as scaled by ``net_view``: u becomes 255 - u.

    Zero flow, 128, thus becomes 127, as in the released code (paper.md 5.7).
    """
    flow = flow[..., ::-1].copy()
    flow[:, 0::2] = 255 - flow[:, 0::2]
    return flow


def fed_size(height: int, width: int, short: int) -> tuple[int, int]:
    """Height and width of a network's input with this short side; the aspect ratio is kept."""
    scale = short / min(height, width)
    return round(height * scale), round(width * scale)


def _hwc(field: np.ndarray) -> np.ndarray:
    return cv2.merge([*full_precision(field)])


def _resized(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Resize a picture (H, W, C); area interpolation to shrink, cubic to enlarge."""
    if picture.shape[:2] == size:
        return picture
    smaller = size[0] < picture.shape[0]
    return cv2.resize(
        picture, size[::-1], interpolation=cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    )
