"""Duration: measured time per flow field, and estimated time for a whole clip."""

from __future__ import annotations

import math
import time

import cv2
import numpy as np

from fusionscope.video.clip import Clip
from fusionscope.video.flow.methods import FLOW_METHODS, LEARNED, FlowOfPair, lanes, seen_by

_PLACES = (0.25, 0.75, 0.5)  # relative positions in the clip: still pairs are faster than moving
_ENOUGH = 1.0  # seconds: stop measuring further pairs after this
_QUICK = 0.1  # seconds: repeat shorter measurements, as the first call is slower than the rest


def seconds_per_field(clip: Clip, method: str) -> float:
    """Measure the CPU seconds per flow field on one core: the mean over up to three frame pairs.

    A learned method uses all cores or a GPU, so its result is wall-clock seconds.

    Raises:
        InputError: the method's weights are missing.
    """
    estimate, times = FLOW_METHODS[method](), []
    for place in _PLACES:
        times.append(_timed(estimate, method, _pair(clip, place)))
        if sum(times) > _ENOUGH:
            break
    return float(np.mean(times))


def planned_seconds(clip: Clip, method: str) -> float:
    """Estimate the seconds for all fields of a clip, by timing one pair at a quarter of the pixels.

    Raises:
        InputError: the method's weights are missing.
    """
    first, second = _pair(clip, _PLACES[0])
    rounds = math.ceil((len(clip.frames) - 1) / lanes(method))
    return 4 * _timed(FLOW_METHODS[method](), method, (_half(first), _half(second))) * rounds


def _pair(clip: Clip, place: float) -> tuple[np.ndarray, np.ndarray]:
    n = int(place * (len(clip.frames) - 2))
    return clip.frames[n], clip.frames[n + 1]


def _timed(estimate: FlowOfPair, method: str, pair: tuple[np.ndarray, np.ndarray]) -> float:
    one, other = (seen_by(method, frame) for frame in pair)
    # CPU time where the method uses one thread: other processes may share the cores
    clock = time.perf_counter if method in LEARNED else time.thread_time
    times: list[float] = []
    while not times or (len(times) == 1 and times[0] < _QUICK):
        started = clock()
        estimate(one, other)
        times.append(clock() - started)
    return min(times)


def _half(frame: np.ndarray) -> np.ndarray:
    return cv2.resize(frame, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
