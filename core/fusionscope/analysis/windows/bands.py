"""Bands: what a film's windows predict, as rows along time, and as runs of one class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from fusionscope.analysis.windows.window import ALONE, OWN_HEADS, Window
from fusionscope.base.records import seal
from fusionscope.explain.measures import probabilities


@dataclass(frozen=True, eq=False)
class Band:
    """One row of predictions, one for each of the W windows."""

    name: str  # a head, or a stream that has none
    note: str  # how a stream without a head is judged; empty for a head
    labels: np.ndarray  # (W,) int: the predicted class of each window
    p: np.ndarray  # (W,) its probability

    def __post_init__(self) -> None:
        seal(self)


@dataclass(frozen=True)
class Run:
    """Consecutive windows with one prediction."""

    first: int  # index of a window
    last: int
    start: float  # seconds
    end: float
    label: str
    p: float  # mean probability


def bands(windows: Sequence[Window]) -> list[Band]:
    """The deciding head first, then the other heads, then streams without a head; [] of none."""
    if not windows:
        return []
    first = windows[0]
    heads = [first.deciding, *(head for head in first.logits if head != first.deciding)]
    found = [_band(head, "", [one.logits[head] for one in windows]) for head in heads]
    found += [
        _band(stream, ALONE[stream], [one.alone[stream] for one in windows])
        for stream in first.alone
    ]
    return found


def _band(name: str, note: str, scores: Sequence[np.ndarray]) -> Band:
    p = probabilities(np.stack(scores))
    return Band(name, note, p.argmax(axis=1), p.max(axis=1))


def stream_bands(found: Sequence[Band]) -> Mapping[str, Band]:
    """Stream -> the band that shows it, if there is one."""
    named = {band.name: band for band in found}
    streams = {s: named.get(head, named.get(s)) for s, head in OWN_HEADS.items()}
    return {stream: band for stream, band in streams.items() if band is not None}


def disagreements(windows: Sequence[Window]) -> np.ndarray:
    """(W,) bool: the windows in which the streams disagree, as ``Window.disagree``."""
    return np.array([one.disagree for one in windows], bool)


def runs_of(windows: Sequence[Window], band: Band) -> list[Run]:
    """The runs of a band. Each window stands for the time until the next one starts."""
    if not windows:
        return []
    edges = [one.start for one in windows] + [windows[-1].end]
    breaks = [0, *(np.flatnonzero(np.diff(band.labels)) + 1).tolist(), len(windows)]
    return [
        Run(
            first,
            past - 1,
            edges[first],
            edges[past],
            windows[0].labels[int(band.labels[first])],
            float(band.p[first:past].mean()),
        )
        for first, past in pairwise(breaks)
    ]
