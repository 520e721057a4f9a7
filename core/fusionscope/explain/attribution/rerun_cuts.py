"""Cuts: how far a change spreads along one axis, and which part of the input to recompute.

A layer runs on a cut of its input that is wide enough to compute every changed cell exactly. All
cuts of a layer have the same size, so that they form a batch; each starts at a multiple of the
layer's stride and extends to the border if it is near one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from fusionscope.nets.receptive_field import Field


@dataclass(frozen=True)
class Change:
    """The changed cells of a map: ``size`` cells from ``starts[k]``, for each position k."""

    starts: tuple[int, ...]
    size: int


@dataclass(frozen=True)
class Cut:
    """How one layer is recomputed along one axis."""

    starts: tuple[int, ...]  # of the cut in the layer's input
    size: int
    skips: tuple[int, ...]  # output cells to drop before the first valid one
    change: Change  # of the layer's output


def cut(change: Change, field: Field, cells: int, out: int) -> Cut:
    """Plan the recomputation of a layer for a changed input, along one axis.

    Args:
        field: receptive field of an output cell in the input.
        cells: size of the input.
        out: size of the output.
    """
    if math.isinf(field.size):
        nowhere = (0,) * len(change.starts)
        return Cut(nowhere, cells, nowhere, Change(nowhere, out))
    first = math.floor(field.start - (field.size - 1) / 2)  # receptive field of output 0, inclusive
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
    """Plan a sequence of layers; ``sizes`` are the sizes of the input and of each output."""
    found = []
    for field, (cells, out) in zip(fields, pairwise(sizes), strict=True):
        found.append(cut(change, field, cells, out))
        change = found[-1].change
    return found
