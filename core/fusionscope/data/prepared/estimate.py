"""Estimate: the size of prepared clips and the time to prepare them, from a sample.

A few clips, evenly spaced over the data set, are decoded; of each, three frames with their flow
are compressed.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fusionscope.base.records import InputError
from fusionscope.data.datasets import Item
from fusionscope.data.prepared.clip_file import MOST, sample_bytes
from fusionscope.data.prepared.preparing import Preparing

_CLIPS = 8  # in the sample


@dataclass(frozen=True)
class Estimate:
    """What remains to be done."""

    clips: int
    frames: float
    bytes: float
    most_bytes: float  # whatever the clips show
    seconds: float | None  # None: unknown, on a cluster


def estimate(work: Preparing, items: Sequence[Item], jobs: int | None) -> Estimate:
    """Estimate what it takes to prepare these clips, with ``jobs`` processes."""
    places = np.unique(np.linspace(0, len(items) - 1, _CLIPS).astype(int))
    frames, sizes, pixels, seconds = [], [], [], []
    for place in places:
        try:
            sample = work.sample(items[place])
        except InputError:  # reported when its turn comes
            continue
        shown, fields, count, took = sample
        begin = time.monotonic()
        size = sample_bytes(shown, fields)
        took += (time.monotonic() - begin) * count / len(shown)
        frames.append(count)
        sizes.append(size * count / len(shown))
        pixels.append(count * shown[0, ..., 0].size)
        seconds.append(took)
    if not frames:
        return Estimate(len(items), 0, 0, 0, None if jobs is None else 0)
    scale = len(items) / len(places)
    return Estimate(
        len(items),
        scale * sum(frames),
        scale * min(sum(sizes), MOST * sum(pixels)),
        scale * MOST * sum(pixels),
        None if jobs is None else scale * sum(seconds) / jobs,
    )
