"""Measures: small numbers read off a trace."""

from __future__ import annotations

import numpy as np

from core.trace import Trace
from core.video.flow import speed


def probabilities(logits: np.ndarray) -> np.ndarray:
    """(..., K) scores -> (..., K) softmax."""
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


def top(logits: np.ndarray, labels: tuple[str, ...], count: int = 5) -> list[tuple[str, float]]:
    """(K,) scores -> the likeliest labels with their probability, the likeliest first."""
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
    """(N-1, 2, H, W) pixels -> (N-1,) mean speed in pixels a frame."""
    return np.array([mean_speed(field) for field in flow])


def mean_speed(field: np.ndarray) -> float:
    """(2, H, W) pixels -> pixels a frame."""
    return float(speed(field).mean())


def channel_mean(maps: np.ndarray) -> np.ndarray:
    """(T, C, h, w) -> (T, h, w): how active each cell is, all channels alike."""
    return maps.mean(axis=1)


def full_colour(flow: np.ndarray) -> float:
    """The speed drawn in full colour: one pixel in a hundred exceeds it; at least 1."""
    sample = flow[:: max(1, len(flow) // 20), :, ::4, ::4]
    return max(1.0, float(np.percentile(speed(sample), 99)))
