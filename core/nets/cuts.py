"""Cuts: of a change along one axis of a map, how far it reaches, and what must be run again.

A layer is run on a cut of its input that is wide enough for every cell that changed to come out as
it would have from the whole. All cuts of a layer have one size, so that they make a batch; each
begins where the layer's stride does, and reaches to the border where it lies near one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from core.nets.geometry import Field


@dataclass(frozen=True)
class Change:
    """Where a map has changed: ``size`` cells from ``starts[k]`` on, for each place k."""

    starts: tuple[int, ...]
    size: int


@dataclass(frozen=True)
class Cut:
    """How one layer is run again along one axis."""

    starts: tuple[int, ...]  # of the cut in the layer's input
    size: int
    skips: tuple[int, ...]  # cells of what comes out before the first that counts
    change: Change  # of the layer's output


def cut(change: Change, field: Field, cells: int, out: int) -> Cut:
    """How to run a layer again behind a change, along one axis.

    Args:
        field: which cells of its input a cell of its output looks at.
        cells: of its input.
        out: cells of its output.
    """
    if math.isinf(field.size):
        nowhere = (0,) * len(change.starts)
        return Cut(nowhere, cells, nowhere, Change(nowhere, out))
    first = math.floor(field.start - (field.size - 1) / 2)  # what output 0 looks at, inclusive
    last = math.ceil(field.start + (field.size - 1) / 2)
    step = field.step
    low = [max(0, -((last - start) // step)) for start in change.starts]
    high = [min(out, (start + change.size - 1 - first) // step + 1) for start in change.starts]
    kept = max(1, *(b - a for a, b in zip(low, high, strict=True)))
    outs = [min(a, out - kept) for a in low]
    begins = [max(0, o * step + first) // step * step for o in outs]
    ends = [min(cells, (o + kept - 1) * step + last + 1) for o in outs]
    size = max(b - a for a, b in zip(begins, ends, strict=True))
    size = min(cells, size + (cells - size) % step)
    begins = [min(begin, cells - size) for begin in begins]
    skips = tuple(o - begin // step for o, begin in zip(outs, begins, strict=True))
    return Cut(tuple(begins), size, skips, Change(tuple(outs), kept))


def cuts(change: Change, fields: Sequence[Field], sizes: Sequence[int]) -> list[Cut]:
    """How to run a row of layers again; ``sizes`` are the cells of the input and of each output."""
    found = []
    for field, (cells, out) in zip(fields, pairwise(sizes), strict=True):
        found.append(cut(change, field, cells, out))
        change = found[-1].change
    return found
