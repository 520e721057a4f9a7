"""Flow: where every pixel goes from one frame to the next.

``dense_flow`` gives what was measured, (N-1, 2, H, W) pixels, x before y, field n leading from
frame n to frame n + 1. ``net_view`` gives what a temporal tower is fed: clipped to +-20 pixels and
scaled to 0..255 (gpu_flow, the paper's tool; zero becomes 128). ``flow_colours`` gives the wheel.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType

import cv2
import numpy as np
import torch

from core.records import InputError, Progress, silent
from core.video import raft
from core.video.clip import Clip

BOUND = 20.0  # pixels; larger displacements are clipped in the net's view

# One thread a pair, and pairs spread over the cores: OpenCV's own threads would fight over them,
# and split DIS in stripes, so that its answer depended on the machine.
cv2.setNumThreads(1)

FlowOfPair = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Two frames as ``seen_by`` the method, uint8 -> (H, W, 2) float32 pixels."""


def _dis() -> FlowOfPair:
    method = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    return lambda a, b: method.calc(a, b, None)  # pyright: ignore[reportCallIssue, reportArgumentType]


def _farneback() -> FlowOfPair:
    return lambda a, b: cv2.calcOpticalFlowFarneback(a, b, None, 0.5, 3, 15, 3, 5, 1.2, 0)  # pyright: ignore[reportCallIssue, reportArgumentType]


def _tvl1() -> FlowOfPair:
    method = cv2.optflow.DualTVL1OpticalFlow.create()
    return lambda a, b: method.calc(a, b, None)  # pyright: ignore[reportCallIssue, reportArgumentType]


METHODS: Mapping[str, Callable[[], FlowOfPair]] = MappingProxyType(
    {"dis": _dis, "farneback": _farneback, "tvl1": _tvl1, "raft": raft.estimator}
)
"""Name -> maker of an estimator that one thread may use."""

LEARNED = frozenset({"raft"})
"""Methods that see colour, need weights, and have torch's threads for a single pair."""

TITLES: Mapping[str, str] = MappingProxyType(
    {"dis": "DIS", "farneback": "Farnebäck", "tvl1": "TV-L1", "raft": "RAFT", "true": "true"}
)


def lacking(method: str) -> str:
    """What a method needs and has not, in one sentence; empty where it can be used."""
    return raft.lacking() if method in LEARNED else ""


def seen_by(method: str, frame: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8 RGB -> the same for a learned method, (H, W) uint8 grey for all others."""
    return frame if method in LEARNED else cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)


def lanes(method: str) -> int:
    """How many pairs are measured at once."""
    return 1 if method in LEARNED else os.cpu_count() or 1


def dense_flow(clip: Clip, method: str = "dis", progress: Progress = silent) -> np.ndarray:
    """Clip -> (N-1, 2, H, W) float16 pixels, forward in time, read-only.

    Half precision keeps twenty seconds of video in memory; at 16 pixels its step is 1/128.
    """
    return flow_fields(clip, range(len(clip.frames) - 1), method, progress)


def flow_fields(
    clip: Clip, numbers: Iterable[int], method: str = "dis", progress: Progress = silent
) -> np.ndarray:
    """The fields of these numbers only, in their order: (len(numbers), 2, H, W) pixels.

    Raises:
        InputError: there is no such method, or it lacks its weights.
    """
    if method not in METHODS:
        raise InputError(f"there is no flow method {method!r}; choose one of {', '.join(METHODS)}")
    if missing := lacking(method):
        raise InputError(missing)
    numbers = list(numbers)
    seen = {k: seen_by(method, clip.frames[k]) for k in {k for n in numbers for k in (n, n + 1)}}
    flow = np.empty((len(numbers), 2, *clip.frames.shape[1:3]), np.float16)
    own = threading.local()

    def estimate(place: int) -> None:
        if not hasattr(own, "method"):
            own.method = METHODS[method]()
        n = numbers[place]
        field = torch.from_numpy(own.method(seen[n], seen[n + 1]))
        torch.from_numpy(flow[place]).copy_(field.permute(2, 0, 1))

    pool = ThreadPoolExecutor(max_workers=lanes(method))
    try:
        for done, _ in enumerate(pool.map(estimate, range(len(numbers))), start=1):
            progress("flow", done / len(numbers))
    finally:
        pool.shutdown(cancel_futures=True)  # what progress raises stops the pairs not yet begun
    flow.setflags(write=False)
    return flow


def full_precision(flow: np.ndarray) -> np.ndarray:
    """The same as float32; from half precision several times as fast as NumPy."""
    return torch.tensor(np.ascontiguousarray(flow), dtype=torch.float32).numpy()


def net_view(flow: np.ndarray) -> np.ndarray:
    """Pixels -> uint8 of the same shape: round(255 (v + 20) / 40), saturated (paper.md 5.1)."""
    scaled = (full_precision(flow) + BOUND) * (255 / (2 * BOUND))
    return np.clip(np.floor(scaled + 0.5), 0, 255).astype(np.uint8)


def from_net_view(values: np.ndarray) -> np.ndarray:
    """uint8 -> float32 pixels of the same shape, to half a step of 40 / 255 (paper.md 5.1)."""
    return values.astype(np.float32) * (2 * BOUND / 255) - BOUND


def interleaved(flow: np.ndarray) -> np.ndarray:
    """(L, 2, H, W) -> (2L, H, W): u1, v1, u2, v2, ... as the authors stack them."""
    return flow.reshape(-1, *flow.shape[2:])


def speed(flow: np.ndarray) -> np.ndarray:
    """(..., 2, H, W) -> (..., H, W) float32 pixels a frame."""
    flow = full_precision(flow)
    x, y = flow[..., 0, :, :], flow[..., 1, :, :]
    return np.sqrt(x * x + y * y)


def flow_colours(flow: np.ndarray, full: float) -> np.ndarray:
    """(2, H, W) pixels -> (H, W, 3) uint8: direction is hue, ``full`` pixels are full colour.

    The wheel of Baker et al., "A Database and Evaluation Methodology for Optical Flow".
    """
    pace, turn = cv2.cartToPolar(*full_precision(flow))
    steps = len(_LACKING) - 1
    place = (turn * np.float32(steps / (2 * np.pi)) + np.float32(0.5)).astype(np.int32)
    lacking = np.take(_LACKING, place, axis=0)
    share = np.minimum(pace * np.float32(1 / full), 1)
    lacking *= cv2.merge([share, share, share])
    return (np.float32(255.5) - lacking).astype(np.uint8)


def _wheel() -> np.ndarray:
    """(55, 3) colours in 0..1, red to yellow to green to cyan to blue to magenta to red."""
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


def _lacking(steps: int = 128) -> np.ndarray:
    """(54 steps + 1, 3) float32: what each direction lacks of white, of 255."""
    wheel = _wheel()
    at = np.arange(steps * (len(wheel) - 1) + 1) / steps
    colours = [np.interp(at, np.arange(len(wheel)), channel) for channel in wheel.T]
    return (255 * (1 - np.stack(colours, axis=1))).astype(np.float32)


_LACKING = _lacking()
