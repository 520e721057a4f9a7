"""Rerun: towers of every kind run again in part, and what comes out is what the whole gives."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest
import torch
from torch import Tensor, nn

from fusionscope.explain.attribution.partial_rerun import Grid, Rerun
from fusionscope.nets.module_state import state_of
from fusionscope.nets.towers.registry import build_tower
from fusionscope.nets.towers.tower import Tower
from tests.slow import all_slow

CHUNKS = 2


def tower_of(name: str, upto: str) -> Tower:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        tower = build_tower(name, 3, 4, temporal=False).eval().requires_grad_(False)
        tower.end(upto)
        for layer in tower.modules():
            if isinstance(layer, nn.BatchNorm2d) and layer.running_mean is not None:
                layer.running_mean.normal_(0, 0.1)  # so that a padded cell is not a normed zero
    return tower


def picture(height: int, width: int) -> Tensor:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return torch.randn(CHUNKS, 3, height, width)


def places(pixels: int, patch: int, stride: int) -> list[tuple[int, int]]:
    starts = range(0, pixels - patch + stride, stride)
    return [(low, min(low + patch, pixels)) for low in starts]


@torch.inference_mode()
def by_whole(
    tower: Tower, upto: str, chunks: Tensor, rows: Sequence[tuple[int, int]], columns: object
) -> Tensor:
    found = []
    for (top, bottom), (left, right) in itertools.product(rows, columns):  # pyright: ignore[reportArgumentType, reportCallIssue]
        changed = chunks.clone()
        changed[..., top:bottom, left:right] = 0
        found.append(tower(changed)[upto])
    return torch.stack(found)


@torch.inference_mode()
@pytest.mark.parametrize(
    ("name", "upto", "size", "patch"),
    [
        ("vgg-m-mini", "relu2", (112, 149), 16),
        ("vgg-m-mini", "fc8", (112, 120), 50),
        *all_slow(
            ("vgg-16", "pool2", (61, 50), 9),
            ("resnet-50", "relu3", (65, 48), 12),
            ("resnet-50-caffe", "relu3", (65, 50), 12),
            ("efficientnet-lite0", "relu4", (64, 99), 16),
            ("timm/mobilenetv3_small_100", "relu3", (64, 48), 16),  # looks everywhere on its way
            ("timm/tf_efficientnet_lite0", "relu3", (64, 75), 16),  # pads by the size of what comes
        ),
    ],
)
def test_in_part_comes_out_what_the_whole_gives(
    name: str, upto: str, size: tuple[int, int], patch: int
):
    tower, chunks = tower_of(name, upto), picture(*size)
    rows, columns = (places(pixels, patch, patch + patch // 2 - 3) for pixels in size)
    before = state_of(tower)
    run = Rerun(tower, upto, chunks)
    torch.testing.assert_close(run.end, tower(chunks)[upto])
    asked = [*itertools.product(range(len(rows)), range(len(columns)))]
    found = Grid(run, rows, columns).without(asked)
    expected = by_whole(tower, upto, chunks, rows, columns)
    assert (expected != run.end).flatten(2).any(dim=2).float().mean() > 0.7  # of the patches
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5 * float(expected.abs().max()))
    assert state_of(tower) == before


@torch.inference_mode()
def test_only_what_a_patch_reaches_is_run_again():
    run = Rerun(tower_of("vgg-m-mini", "relu2"), "relu2", picture(112, 112))
    grid = Grid(run, places(112, 16, 16), places(112, 16, 16))
    by_layer = zip(grid.cuts, run.maps, strict=False)
    sizes = [(down.size, across.size, *cells.shape[-2:]) for (down, across), cells in by_layer]
    # 11 cells of relu1 see a patch: 2 * 11 + 5 pixels, and one more to reach the border by twos.
    # They are seen by 6 of pool1, these by 5 of relu2, whose first looks at an odd cell.
    assert sizes == [(28, 28, 112, 112), (13, 13, 53, 53), (14, 14, 26, 26)]


@torch.inference_mode()
def test_a_tower_up_to_nowhere_gives_its_input():
    tower, chunks = tower_of("vgg-m-mini", "relu1"), picture(40, 50)
    run = Rerun(tower, "", chunks)
    assert run.end is chunks
    found = Grid(run, [(0, 10), (30, 40)], [(5, 15)]).without([(1, 0)])
    chunks = chunks.clone()
    chunks[..., 30:40, 5:15] = 0
    torch.testing.assert_close(found, chunks[None])


@torch.inference_mode()
def test_other_chunks_go_through_the_same_tower():
    tower = tower_of("vgg-m-mini", "relu3")
    run = Rerun(tower, "relu3", picture(64, 64))
    other = picture(64, 64).flip(1)
    torch.testing.assert_close(run.of(other), tower(other)["relu3"])
