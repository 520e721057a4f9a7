"""Flow score: how well a flow explains the next frame, and how far it lies from the truth.

    warp error        frame n + 1, fetched back along the flow, against frame n, in grey levels
    end-point error   the distance between a flow's arrow tip and the true one, in pixels

After Baker et al., "A Database and Evaluation Methodology for Optical Flow".
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from core.records import seal
from core.video.clip import Clip
from core.video.flow import BOUND, speed


@dataclass(frozen=True, eq=False)
class FlowTruth:
    """The true flow of a generated clip."""

    flow: np.ndarray  # (N-1, 2, H, W) float16 pixels
    counted: np.ndarray  # (N-1,) bool: the pairs of frames that a flow leads between
    moving: np.ndarray  # (N-1, H, W) bool: what moves

    def __post_init__(self) -> None:
        seal(self)


@dataclass(frozen=True)
class FlowScore:
    """One method on one clip, in means over its pixels and pairs of frames."""

    warp_error: float  # grey levels, 0..255
    compared: float  # share of the pixels that lead into the next frame, on which that is measured
    clipped: float  # share of the pixels that move beyond what a network is told
    end_point: float | None = None  # pixels; None where the truth is not known
    end_point_moving: float | None = None  # on what moves; None where nothing does


def flow_score(clip: Clip, flow: np.ndarray, truth: FlowTruth | None = None) -> FlowScore:
    """Clip and a flow of it (N-1, 2, H, W) pixels -> its score, on counted pairs where known."""
    if flow.shape != (len(clip.frames) - 1, 2, *clip.frames.shape[1:3]):
        raise ValueError(f"expected flow of {clip.frames.shape}, got {flow.shape}")
    counted = np.flatnonzero(truth.counted) if truth else np.arange(len(flow))
    found = [warp_error(clip.frames[n], clip.frames[n + 1], flow[n]) for n in counted]
    errors, shares = np.array(found).T
    clipped = float(np.mean([clipped_share(flow[n]) for n in counted]))
    score = float(errors @ shares / shares.sum()) if shares.any() else float("nan")
    whole, moving = _end_points(flow, truth, counted) if truth else (None, None)
    return FlowScore(score, float(shares.mean()), clipped, whole, moving)


def warp_error(first: np.ndarray, second: np.ndarray, field: np.ndarray) -> tuple[float, float]:
    """Two frames (H, W, 3), a field (2, H, W) -> mean grey levels off, share of pixels compared."""
    one, other = (cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in (first, second))
    fetched, inside = warped_back(other, field)
    off = np.abs(fetched - one)[inside]
    return (float(off.mean()) if off.size else 0.0), float(inside.mean())


def warped_back(picture: np.ndarray, field: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A picture (H, W) fetched back along a field (2, H, W) -> (H, W) float32, and where it is so.

    Pixels that the field leads out of the picture are not; between pixels it is linear.
    """
    height, width = picture.shape
    x, y = field.astype(np.float32)
    x, y = x + np.arange(width, dtype=np.float32), y + np.arange(height, dtype=np.float32)[:, None]
    inside = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)
    fetched = cv2.remap(
        picture.astype(np.float32), x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return fetched, inside


def end_point_error(flow: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Two flows (..., 2, H, W) -> (..., H, W) float32 pixels between the tips of their arrows."""
    return speed(flow.astype(np.float32) - true.astype(np.float32))


def clipped_share(flow: np.ndarray) -> float:
    """(..., 2, H, W) pixels -> share of the places where u or v lies beyond the net's view."""
    return float((np.abs(flow) > BOUND).any(axis=-3).mean())


def _end_points(flow: np.ndarray, truth: FlowTruth, counted: np.ndarray) -> tuple[float, ...]:
    whole, sums, moving = [], 0.0, 0
    for n in counted:
        off = end_point_error(flow[n], truth.flow[n])
        whole.append(off.mean())
        sums += float(off[truth.moving[n]].sum())
        moving += int(truth.moving[n].sum())
    return float(np.mean(whole)), sums / moving if moving else None  # pyright: ignore[reportReturnType]
