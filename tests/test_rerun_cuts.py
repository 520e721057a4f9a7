"""Cuts: how far a change reaches and what is run again, by hand and against whole layers."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import nn

from fusionscope.explain.attribution.rerun_cuts import Change, cut, cuts
from fusionscope.nets.receptive_field import Field, layer_fields

SEVEN = Field(start=3.0, step=2, size=7)  # a filter of 7 cells, every second cell, not padded


def test_a_change_reaches_the_cells_that_look_at_it():
    """Output i looks at 2 i ... 2 i + 6: cells 10 to 13 are seen by outputs 2 to 6."""
    found = cut(Change((10,), 4), SEVEN, cells=30, out=12)
    assert found.change == Change((2,), 5)
    assert (found.starts, found.size, found.skips) == (
        (4,),
        16,
        (0,),
    )  # 4 ... 18, to the border by 2


def test_at_the_border_it_is_moved_in_and_keeps_its_size():
    found = cut(Change((0, 10, 26), 4), SEVEN, cells=30, out=12)
    assert found.change == Change((0, 2, 7), 5)  # 26 to 29 are seen by outputs 10 and 11
    assert found.starts == (0, 4, 14)
    assert found.size == 16


def test_what_looks_everywhere_is_run_again_whole():
    found = cut(Change((3, 5), 2), Field(size=float("inf")), cells=9, out=4)
    assert (found.starts, found.size, found.change) == ((0, 0), 9, Change((0, 0), 4))


LAYERS = {
    "a filter of 3": nn.Conv2d(1, 1, 3),
    "padded": nn.Conv2d(1, 1, 3, padding=1),
    "every second, padded": nn.Conv2d(1, 1, 5, stride=2, padding=2),
    "padded by more than it moves": nn.Conv2d(1, 1, 7, stride=3, padding=3),
    "dilated": nn.Conv2d(1, 1, 3, dilation=2, padding=2),
    "moves by more than it sees": nn.Conv2d(1, 1, 2, stride=3),
    "pooled": nn.MaxPool2d(3, stride=2),
    "pooled over the border": nn.MaxPool2d(3, stride=2, ceil_mode=True),
    "pooled, padded": nn.MaxPool2d(3, stride=2, padding=1),
    "two in a row": nn.Sequential(nn.Conv2d(1, 1, 3, 2, 1), nn.ReLU(), nn.Conv2d(1, 1, 5, 2, 2)),
}


@torch.inference_mode()
@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("cells", [19, 20, 23])
def test_a_cut_comes_out_as_the_whole_does_wherever_the_change_is(name: str, cells: int):
    torch.manual_seed(0)
    layer = LAYERS[name]
    (field,) = layer_fields([layer], (1, 1, cells, cells))
    picture = torch.randn(1, 1, cells, cells)
    before = layer(picture)
    for size in (1, 2, 5, 11):
        starts = tuple(range(cells - size + 1))
        found = cut(Change(starts, size), field, cells, before.shape[-1])
        for k, start in enumerate(starts):
            changed = picture.clone()
            changed[..., start : start + size, :] = torch.randn(size, cells)
            whole = layer(changed)
            begin, out = found.starts[k], found.change.starts[k]
            again = layer(changed[..., begin : begin + found.size, :])
            kept = slice(found.skips[k], found.skips[k] + found.change.size)
            made = before.clone()
            made[..., out : out + found.change.size, :] = again[..., kept, :]
            torch.testing.assert_close(made, whole, msg=f"{name}: {size} cells from {start}")


def test_in_a_row_the_change_of_one_is_what_changes_for_the_next():
    fields = [SEVEN, Field(start=1.0, step=2, size=3)]
    found = cuts(Change((10,), 4), fields, [30, 12, 5])
    assert [one.change for one in found] == [Change((2,), 5), Change((0,), 4)]


def test_every_cut_begins_where_the_stride_does_and_fits():
    for cells, start, size in itertools.product((19, 20), (0, 3, 7, 12), (1, 4, 7)):
        out = (cells + 2 - 5) // 3 + 1
        found = cut(Change((start,), size), Field(start=1.0, step=3, size=5), cells, out)
        assert found.starts[0] % 3 == 0
        assert (cells - found.size) % 3 == 0
        assert found.starts[0] + found.size <= cells
