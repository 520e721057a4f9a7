"""Measures: simple numbers computed from a trace."""

from __future__ import annotations

import numpy as np

from fusionscope.trace import Trace
from fusionscope.video.flow.methods import speed


def probabilities(logits: np.ndarray) -> np.ndarray:
    """(..., K) scores -> (..., K) softmax."""
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


def top(logits: np.ndarray, labels: tuple[str, ...], count: int = 5) -> list[tuple[str, float]]:
    """(K,) scores -> the most probable labels with their probabilities, in descending order."""
    p = probabilities(logits)
    order = np.argsort(-p, kind="stable")[:count]
    return [(labels[k], float(p[k])) for k in order]


def decisions(trace: Trace) -> dict[str, np.ndarray]:
    """Head -> (K,) scores, ``average`` last where there is more than one head."""
    heads = dict(trace.logits)
    if len(heads) > 1:
        heads["average"] = trace.final
    return heads


def motion_track(flow: np.ndarray) -> np.ndarray:
    """(N-1, 2, H, W) pixels -> (N-1,) mean speed in pixels per frame."""
    return np.array([mean_speed(field) for field in flow])


def mean_speed(field: np.ndarray) -> float:
    """(2, H, W) pixels -> mean speed in pixels per frame."""
    return float(speed(field).mean())


def share_above(flow: np.ndarray, full: float) -> float:
    """(N-1, 2, H, W) pixels -> share of the pixels that are faster than ``full``."""
    return float(np.mean([(speed(field) > full).mean() for field in flow]))


def channel_mean(maps: np.ndarray) -> np.ndarray:
    """(T, C, h, w) -> (T, h, w): the mean activation over channels."""
    return maps.mean(axis=1)


def full_colour(flow: np.ndarray) -> float:
    """The speed drawn at full saturation: the 99th percentile, at least 1 pixel per frame."""
    sample = flow[:: max(1, len(flow) // 20), :, ::4, ::4]
    return max(1.0, float(np.percentile(speed(sample), 99)))
