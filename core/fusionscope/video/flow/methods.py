"""Flow methods: the displacement of every pixel from one frame to the next.

``dense_flow`` returns the measured flow, (N-1, 2, H, W) pixels, x before y; field n maps frame n
to frame n + 1. ``net_view`` returns the input of a temporal tower: clipped to +-20 pixels and
scaled to 0..255 (gpu_flow, the paper's tool; zero becomes 128). ``flow_colours`` draws flow with
a colour wheel.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType
from typing import Any

import cv2
import numpy as np

from fusionscope.base.records import InputError, Progress, no_progress
from fusionscope.video.clip import Clip
from fusionscope.video.flow import raft

BOUND = 20.0  # pixels; larger displacements are clipped in the network's input

# One thread per pair, pairs in parallel: OpenCV's own threads would compete for the same cores and
# split DIS into stripes, so that its result would depend on the number of cores.
cv2.setNumThreads(1)

FlowOfPair = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Two frames prepared by ``seen_by``, uint8 -> (H, W, 2) float32 pixels."""


_NO_GUESS: Any = None  # OpenCV's type hints do not know that the initial flow may be absent


def _dis() -> FlowOfPair:
    method = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    return lambda a, b: method.calc(a, b, _NO_GUESS)


def _farneback() -> FlowOfPair:
    return lambda a, b: cv2.calcOpticalFlowFarneback(a, b, _NO_GUESS, 0.5, 3, 15, 3, 5, 1.2, 0)


def _tvl1() -> FlowOfPair:
    method = cv2.optflow.DualTVL1OpticalFlow.create()
    return lambda a, b: method.calc(a, b, _NO_GUESS)


FLOW_METHODS: Mapping[str, Callable[[], FlowOfPair]] = MappingProxyType(
    {"dis": _dis, "farneback": _farneback, "tvl1": _tvl1, "raft": raft.estimator}
)
"""Name -> factory of an estimator for use by a single thread."""

LEARNED = frozenset({"raft"})
"""Methods that take colour frames, need weights, and use all of torch's threads for one pair."""

TITLES: Mapping[str, str] = MappingProxyType(
    {"dis": "DIS", "farneback": "Farnebäck", "tvl1": "TV-L1", "raft": "RAFT", "true": "true"}
)


def missing_reason(method: str) -> str:
    """Why a method cannot run, in one sentence; empty if it can."""
    return raft.missing_reason() if method in LEARNED else ""


def seen_by(method: str, frame: np.ndarray) -> np.ndarray:
    """Convert a frame to the method's input: (H, W, 3) RGB if learned, else (H, W) grey, uint8."""
    return frame if method in LEARNED else cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)


def lanes(method: str) -> int:
    """Number of frame pairs computed in parallel."""
    return 1 if method in LEARNED else os.cpu_count() or 1


def dense_flow(clip: Clip, method: str = "dis", progress: Progress = no_progress) -> np.ndarray:
    """Compute the flow of a clip, (N-1, 2, H, W) float16 pixels, forward in time, read-only.

    With half precision, 20 s of video fit into memory; at 16 pixels its resolution is 1/128.
    """
    return flow_fields(clip, range(len(clip.frames) - 1), method, progress)


def flow_fields(
    clip: Clip,
    numbers: Iterable[int],
    method: str = "dis",
    progress: Progress = no_progress,
    threads: int | None = None,
) -> np.ndarray:
    """Compute only the fields with these indices, in this order: (len(numbers), 2, H, W) pixels.

    Args:
        threads: number of frame pairs computed in parallel; None: as many as ``lanes`` gives.

    Raises:
        InputError: unknown method, or its weights are missing.
    """
    return fields_of_frames(clip.frames, numbers, method, progress, threads)


def fields_of_frames(
    frames: np.ndarray,
    numbers: Iterable[int],
    method: str = "dis",
    progress: Progress = no_progress,
    threads: int | None = None,
) -> np.ndarray:
    """As ``flow_fields``, of frames (N, H, W, 3) uint8 that are not a clip."""
    if method not in FLOW_METHODS:
        raise InputError(f"unknown flow method {method!r}; choose one of {', '.join(FLOW_METHODS)}")
    if missing := missing_reason(method):
        raise InputError(missing)
    numbers = list(numbers)
    seen = {k: seen_by(method, frames[k]) for k in {k for n in numbers for k in (n, n + 1)}}
    flow = np.empty((len(numbers), 2, *frames.shape[1:3]), np.float16)
    own = threading.local()

    def estimate(place: int) -> None:
        if not hasattr(own, "method"):
            own.method = FLOW_METHODS[method]()
        n = numbers[place]
        with np.errstate(over="ignore"):  # a field that half precision cannot hold is infinite
            flow[place] = own.method(seen[n], seen[n + 1]).transpose(2, 0, 1)

    pool = ThreadPoolExecutor(max_workers=min(threads or lanes(method), lanes(method)))
    try:
        for done, _ in enumerate(pool.map(estimate, range(len(numbers))), start=1):
            progress("flow", done / len(numbers))
    finally:
        pool.shutdown(cancel_futures=True)  # if progress raises, pending pairs are cancelled
    flow.setflags(write=False)
    return flow


def full_precision(flow: np.ndarray) -> np.ndarray:
    """Convert flow to float32; from half precision, several times faster than NumPy."""
    import torch

    return torch.tensor(np.ascontiguousarray(flow), dtype=torch.float32).numpy()


def net_view(flow: np.ndarray) -> np.ndarray:
    """Scale pixels to the network's uint8 input, round(255 (v + 20) / 40) (paper.md 5.1); clip."""
    scaled = (full_precision(flow) + BOUND) * (255 / (2 * BOUND))
    return np.clip(np.floor(scaled + 0.5), 0, 255).astype(np.uint8)


def from_net_view(values: np.ndarray) -> np.ndarray:
    """Invert ``net_view``: float32 pixels, accurate to half a step of 40 / 255 (paper.md 5.1)."""
    return values.astype(np.float32) * (2 * BOUND / 255) - BOUND


def interleaved(flow: np.ndarray) -> np.ndarray:
    """Stack fields as the authors do: (L, 2, H, W) -> (2L, H, W), u1, v1, u2, v2, ..."""
    return flow.reshape(-1, *flow.shape[2:])


def speed(flow: np.ndarray) -> np.ndarray:
    """Magnitude of the flow: (..., 2, H, W) -> (..., H, W) float32 pixels per frame."""
    flow = full_precision(flow)
    x, y = flow[..., 0, :, :], flow[..., 1, :, :]
    return np.sqrt(x * x + y * y)


def flow_colours(flow: np.ndarray, full: float) -> np.ndarray:
    """Draw a field, (2, H, W) pixels -> (H, W, 3) uint8: hue is direction, saturation is speed.

    Saturation is full from ``full`` pixels on. The colour wheel is that of Baker et al.,
    "A Database and Evaluation Methodology for Optical Flow".
    """
    pace, turn = cv2.cartToPolar(*full_precision(flow))
    steps = len(_BELOW_WHITE) - 1
    place = (turn * np.float32(steps / (2 * np.pi)) + np.float32(0.5)).astype(np.int32)
    below_white = np.take(_BELOW_WHITE, place, axis=0)
    share = np.minimum(pace * np.float32(1 / full), 1)
    below_white *= cv2.merge([share, share, share])
    return (np.float32(255.5) - below_white).astype(np.uint8)


def _wheel() -> np.ndarray:
    """Colour wheel, (55, 3) in 0..1: red, yellow, green, cyan, blue, magenta, red."""
    arcs = [
        (15, 0, 1, 1),
        (6, 1, 0, -1),
        (4, 1, 2, 1),
        (11, 2, 1, -1),
        (13, 2, 0, 1),
        (6, 0, 2, -1),
    ]
    rows = []
    for steps, held, moving, sign in arcs:
        arc = np.zeros((steps, 3))
        arc[:, held] = 1
        ramp = np.arange(steps) / steps
        arc[:, moving] = ramp if sign > 0 else 1 - ramp
        rows.append(arc)
    return np.concatenate(rows)


def _below_white(steps: int = 128) -> np.ndarray:
    """White minus the colour of each direction, (54 steps + 1, 3) float32 in 0..255."""
    wheel = _wheel()
    at = np.arange(steps * (len(wheel) - 1) + 1) / steps
    colours = [np.interp(at, np.arange(len(wheel)), channel) for channel in wheel.T]
    return (255 * (1 - np.stack(colours, axis=1))).astype(np.float32)


_BELOW_WHITE = _below_white()
