"""Pace: how long a flow method takes, measured, and how long it will take on a clip."""

from __future__ import annotations

import math
import time

import cv2
import numpy as np

from core.video.clip import Clip
from core.video.flow import LEARNED, METHODS, FlowOfPair, lanes, seen_by

_PLACES = (0.25, 0.75, 0.5)  # of the clip: what rests is measured sooner than what moves
_ENOUGH = 1.0  # seconds: no further pair after that
_QUICK = 0.1  # seconds: what takes less is tried again, as a first try is slower than the rest


def seconds_per_field(clip: Clip, method: str) -> float:
    """Seconds of one core that a field of the clip takes: the mean of up to three pairs.

    Of a learned method, which has every core or a GPU: seconds on the clock.

    Raises:
        InputError: the method lacks its weights.
    """
    estimate, times = METHODS[method](), []
    for place in _PLACES:
        times.append(_timed(estimate, method, _pair(clip, place)))
        if sum(times) > _ENOUGH:
            break
    return float(np.mean(times))


def planned_seconds(clip: Clip, method: str) -> float:
    """Seconds that all fields of the clip will take, judged by a pair of a quarter the pixels.

    Raises:
        InputError: the method lacks its weights.
    """
    first, second = _pair(clip, _PLACES[0])
    rounds = math.ceil((len(clip.frames) - 1) / lanes(method))
    return 4 * _timed(METHODS[method](), method, (_half(first), _half(second))) * rounds


def _pair(clip: Clip, place: float) -> tuple[np.ndarray, np.ndarray]:
    n = int(place * (len(clip.frames) - 2))
    return clip.frames[n], clip.frames[n + 1]


def _timed(estimate: FlowOfPair, method: str, pair: tuple[np.ndarray, np.ndarray]) -> float:
    one, other = (seen_by(method, frame) for frame in pair)
    clock = time.perf_counter if method in LEARNED else time.thread_time  # others want cores too
    times: list[float] = []
    while not times or (len(times) == 1 and times[0] < _QUICK):
        begun = clock()
        estimate(one, other)
        times.append(clock() - begun)
    return min(times)


def _half(frame: np.ndarray) -> np.ndarray:
    return cv2.resize(frame, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
