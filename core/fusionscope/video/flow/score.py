"""Flow score: how well a flow predicts the next frame, and its error against the true flow.

    warp error        frame n + 1, warped back along the flow, minus frame n, in grey levels
    end-point error   the distance between the end points of a flow and the true flow, in pixels

After Baker et al., "A Database and Evaluation Methodology for Optical Flow".
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from fusionscope.base.records import seal
from fusionscope.video.clip import Clip
from fusionscope.video.flow.methods import BOUND, speed


@dataclass(frozen=True, eq=False)
class FlowTruth:
    """The true flow of a generated clip."""

    flow: np.ndarray  # (N-1, 2, H, W) float16 pixels
    counted: np.ndarray  # (N-1,) bool: pairs of frames for which the true flow is defined
    moving: np.ndarray  # (N-1, H, W) bool: moving pixels

    def __post_init__(self) -> None:
        seal(self)


@dataclass(frozen=True)
class FlowScore:
    """Scores of one method on one clip: means over pixels and pairs of frames."""

    warp_error: float  # grey levels, 0..255
    compared: float  # share of pixels whose flow ends inside the next frame: the warp error's base
    clipped: float  # share of pixels that move beyond the range of the network's input
    end_point: float | None = None  # pixels; None if the true flow is unknown
    end_point_moving: float | None = None  # over moving pixels only; None if nothing moves


def flow_score(clip: Clip, flow: np.ndarray, truth: FlowTruth | None = None) -> FlowScore:
    """Score a flow (N-1, 2, H, W) pixels of a clip; with a truth, on its counted pairs only."""
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
    """Warp error of a field (2, H, W) between frames (H, W, 3), and share of pixels compared."""
    one, other = (cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in (first, second))
    fetched, inside = warped_back(other, field)
    off = np.abs(fetched - one)[inside]
    return (float(off.mean()) if off.size else 0.0), float(inside.mean())


def warped_back(picture: np.ndarray, field: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Warp a picture (H, W) back along a field (2, H, W) -> (H, W) float32, and where it is valid.

    Pixels that the field maps outside the picture are invalid. Interpolation is bilinear.
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
    """End-point distance of two flows, (..., 2, H, W) -> (..., H, W) float32 pixels."""
    return speed(flow.astype(np.float32) - true.astype(np.float32))


def clipped_share(flow: np.ndarray) -> float:
    """Share of pixels where u or v exceeds the network's range; flow (..., 2, H, W) pixels."""
    return float((np.abs(flow) > BOUND).any(axis=-3).mean())


def _end_points(
    flow: np.ndarray, truth: FlowTruth, counted: np.ndarray
) -> tuple[float, float | None]:
    whole, sums, moving = [], 0.0, 0
    for n in counted:
        off = end_point_error(flow[n], truth.flow[n])
        whole.append(off.mean())
        sums += float(off[truth.moving[n]].sum())
        moving += int(truth.moving[n].sum())
    return float(np.mean(whole)), sums / moving if moving else None
