"""Partial rerun: recompute only those cells of a tower that a removed input patch can change.

After each layer the changed cells form a box; only their receptive fields are recomputed, from the
stored maps of the whole image (incremental inference, Nakandala et al. 2019). Nothing is
approximated: cells at the border are padded as in the full run.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from fusionscope.explain.attribution.rerun_cuts import Change, cuts
from fusionscope.nets.receptive_field import Field, layer_fields
from fusionscope.nets.towers.tower import Tower

Interval = tuple[int, int]
"""First pixel, and one past the last."""

_CLOSE = 1e-4  # of the largest value: tolerance for another order of summation


class Rerun:
    """A tower up to a stage, run on the chunks of one clip, with the output of every layer."""

    def __init__(self, tower: Tower, upto: str, chunks: Tensor) -> None:
        """Run the tower and keep the output of every layer.

        Args:
            upto: a stage of the tower; empty: the input itself.
            chunks: (T, C, H, W) normalised, so that absent pixels are 0.
        """
        self.steps, self.fields = _steps(tower, upto, tuple(chunks.shape))
        self.maps = [chunks]
        for step in self.steps:
            self.maps.append(_through(step, self.maps[-1].clone()))

    @property
    def start(self) -> Tensor:
        """(T, C, H, W) the input."""
        return self.maps[0]

    @property
    def end(self) -> Tensor:
        """(T, C, h, w) the output."""
        return self.maps[-1]

    def of(self, chunks: Tensor) -> Tensor:
        """(n, C, H, W) other chunks -> (n, C, h, w)."""
        for step in self.steps:
            chunks = _through(step, chunks)
        return chunks


class Grid:
    """Partial reruns of a clip's tower, with a patch removed at one position of a grid."""

    def __init__(self, run: Rerun, rows: Sequence[Interval], columns: Sequence[Interval]) -> None:
        """Plan what each layer recomputes.

        Args:
            run: the full run of the unchanged clip.
            rows: pixel intervals of the rows, of equal height but at the border.
            columns: likewise.
        """
        self._steps, self._maps, self.end = run.steps, run.maps, run.end
        self._rows, self._columns = rows, columns
        self._plan(run.fields)
        if not self._faithful():
            self._plan([replace(field, size=math.inf) for field in run.fields])

    def without(self, places: Sequence[tuple[int, int]]) -> Tensor:
        """Row and column of P positions -> (P, T, C, h, w): each removed in one chunk at a time."""
        chunks = len(self.end)
        asked = [(t, r, c) for r, c in places for t in range(chunks)]
        patches = []
        for t, r, c in asked:
            patch = self._patch(t, r, c).clone()
            (top, bottom), (left, right) = self._rows[r], self._columns[c]
            y, x = top - self._first[0].starts[r], left - self._first[1].starts[c]
            patch[:, y : y + bottom - top, x : x + right - left] = 0
            patches.append(patch)
        return self._again(asked, patches).unflatten(0, (len(places), chunks))

    def _plan(self, fields: Sequence[Field]) -> None:
        """Plan, along both axes, the cut of the input that each step recomputes."""
        pairs = []
        for axis, intervals in ((-2, self._rows), (-1, self._columns)):
            sizes = [cells.shape[axis] for cells in self._maps]
            size = max(high - low for low, high in intervals)
            first = Change(tuple(min(low, sizes[0] - size) for low, _ in intervals), size)
            pairs.append((first, cuts(first, fields, sizes)))
        (rows, down), (columns, across) = pairs
        self._first = (rows, columns)
        self.cuts = [*zip(down, across, strict=True)]

    def _faithful(self) -> bool:
        """Whether cuts of the unchanged image give the same result as the full run."""
        asked = [(0, len(self._rows) * k // 3, len(self._columns) * k // 3) for k in range(3)]
        again = self._again(asked, [self._patch(*one) for one in asked])
        whole = self.end[:1]
        return bool((again - whole).abs().max() <= _CLOSE * whole.abs().max())

    def _patch(self, t: int, r: int, c: int) -> Tensor:
        """(C, p, p) the unchanged pixels of a patch."""
        rows, columns = self._first
        y, x = rows.starts[r], columns.starts[c]
        return self._maps[0][t, :, y : y + rows.size, x : x + columns.size]

    def _again(self, asked: Sequence[tuple[int, int, int]], boxes: list[Tensor]) -> Tensor:
        """Chunk, row and column of n patches, and their new content -> (n, C, h, w)."""
        rows, columns = self._first
        made = torch.stack(boxes)
        for step, cells, (down, across) in zip(self._steps, self._maps, self.cuts, strict=False):
            if made.shape[-2:] != cells.shape[-2:]:
                sizes = (down.size, across.size)
                fed = _empty(len(asked), cells, sizes)
                starts = [(down.starts[r], across.starts[c]) for _, r, c in asked]
                made = _pasted(fed, cells, asked, starts, boxes, rows, columns)
            made = _through(step, made)
            rows, columns = down.change, across.change
            boxes = []
            for one, (_, r, c) in zip(made, asked, strict=True):
                y, x = down.skips[r], across.skips[c]
                boxes.append(one[:, y : y + rows.size, x : x + columns.size])
        if made.shape[-2:] == self.end.shape[-2:]:
            return made
        fed = _empty(len(asked), self.end, tuple(self.end.shape[-2:]))
        return _pasted(fed, self.end, asked, [(0, 0)] * len(asked), boxes, rows, columns)


def _pasted(
    fed: Tensor,
    cells: Tensor,
    asked: Sequence[tuple[int, int, int]],
    starts: Sequence[tuple[int, int]],
    boxes: Sequence[Tensor],
    rows: Change,
    columns: Change,
) -> Tensor:
    """Fill ``fed`` with cuts of a map (T, C, h, w) and paste the changed ``boxes`` into them."""
    height, width = fed.shape[-2:]
    for one, (t, r, c), (top, left), box in zip(fed, asked, starts, boxes, strict=True):
        one.copy_(cells[t, :, top : top + height, left : left + width])
        y, x = rows.starts[r] - top, columns.starts[c] - left
        upper, lower = max(y, 0), min(y + rows.size, height)
        near, far = max(x, 0), min(x + columns.size, width)
        if upper < lower and near < far:  # else no cell sees the change
            one[:, upper:lower, near:far] = box[:, upper - y : lower - y, near - x : far - x]
    return fed


def _empty(count: int, like: Tensor, size: tuple[int, ...]) -> Tensor:
    return torch.empty(
        (count, like.shape[1], *size),
        dtype=like.dtype,
        device=like.device,
        memory_format=torch.channels_last,
    )


def _steps(
    tower: Tower, upto: str, picture: tuple[int, ...]
) -> tuple[list[list[nn.Module]], list[Field]]:
    """The layers up to a stage, grouped in steps, and the receptive field of each step.

    Element-wise layers belong to the step of the layer before them.
    """
    names = list(tower.stages)
    stages = [tower.stages[name] for name in names[: names.index(upto) + 1 if upto else 0]]
    layers = [layer for stage in stages for layer in _row(stage)]
    steps: list[list[nn.Module]] = []
    fields: list[Field] = []
    for layer, field in zip(layers, layer_fields(layers, picture), strict=True):
        if steps and field == Field():
            steps[-1].append(layer)
        else:
            steps.append([layer])
            fields.append(field)
    return steps, fields


def _row(stage: nn.Module) -> Iterator[nn.Module]:
    """The layers of a stage one by one; nested sequences are flattened."""
    if type(stage) is not nn.Sequential:
        yield stage
        return
    for part in stage:
        yield from _row(part)


def _through(step: Sequence[nn.Module], cells: Tensor) -> Tensor:
    for layer in step:
        cells = layer(cells)
    return cells
