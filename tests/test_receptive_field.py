"""Receptive field: the paper's values, and computed fields verified by perturbed pixels."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from fusionscope.nets.receptive_field import Field, receptive_field
from fusionscope.nets.towers.registry import build_tower
from fusionscope.nets.towers.tower import Tower


def field_of(tower: Tower, last: str) -> Field:
    names = [*tower.stages]
    return receptive_field(tower.stages[name] for name in names[: names.index(last) + 1])


def up_to(tower: Tower, last: str) -> nn.Sequential:
    names = [*tower.stages]
    return nn.Sequential(*(tower.stages[name] for name in names[: names.index(last) + 1]))


@pytest.mark.parametrize("name", ["vgg-m-2048", "vgg-m-mini"])
@pytest.mark.parametrize("temporal", [False, True])
def test_conv5_of_vgg_m_looks_at_139_pixels_every_16(name: str, temporal: bool):
    with torch.device("meta"):
        field = field_of(build_tower(name, 3, 101, temporal=temporal), "relu5")
    assert (field.size, field.step) == (139, 16)  # paper.md 2.4
    assert field.start == 17


def test_stage_by_stage_by_hand():
    with torch.device("meta"):
        tower = build_tower("vgg-m-2048", 3, 101, temporal=False)
    found = {name: field_of(tower, name) for name in ("relu1", "pool1", "relu2", "pool2", "relu3")}
    assert found == {
        "relu1": Field(3, 2, 7),
        "pool1": Field(5, 4, 11),
        "relu2": Field(9, 8, 27),
        "pool2": Field(17, 16, 43),
        "relu3": Field(17, 16, 75),
    }


def test_nothing_applied_leaves_pixels():
    assert receptive_field([]) == receptive_field([nn.ReLU(), nn.Dropout()]) == Field(0, 1, 1)


@pytest.mark.parametrize(
    ("name", "stage"),
    [("vgg-m-mini", "pool2"), ("vgg-m-mini", "relu3"), ("efficientnet-lite0", "relu3")],
)
@pytest.mark.parametrize("axis", [-1, -2])
@torch.inference_mode()
def test_a_cell_changes_with_the_pixels_it_looks_at_and_no_others(name: str, stage: str, axis: int):
    torch.manual_seed(0)
    tower = build_tower(name, 3, 4, temporal=False).eval()
    field, see = field_of(tower, stage), up_to(tower, stage)
    size = [64, 64]
    size[axis] = 240
    frame = torch.rand(1, 3, *size)
    before = see(frame)
    cells = before.shape[axis]
    cell = cells // 2
    centre = field.start + cell * field.step
    reach = (field.size - 1) / 2
    for pixel, inside in (
        (centre - reach - 1, False),
        (centre - reach, True),
        (centre, True),
        (centre + reach, True),
        (centre + reach + 1, False),
    ):
        assert pixel == int(pixel)
        changed = False
        for trial in range(4):  # a maximum may hide a change, a large one seldom
            other = frame.clone()
            source = torch.Generator().manual_seed(trial)
            line = other.select(axis, int(pixel))
            line += 100 * torch.randn(line.shape, generator=source)
            difference = (see(other) - before).abs().select(axis, cell).max()
            changed = changed or float(difference) > 1e-5
        assert changed == inside, (pixel, field)


def test_a_grid_is_positioned_by_its_receptive_fields():
    field = Field(17, 16, 139)
    low, high = field.span(6, 112)
    assert (low * 112, high * 112) == pytest.approx((9.5, 105.5))
    for cell in range(6):  # the middle of a cell's share is the middle of its centre pixel
        middle = low + (cell + 0.5) / 6 * (high - low)
        assert middle * 112 == pytest.approx(17 + 16 * cell + 0.5)


def test_a_grid_of_pixels_is_the_picture_and_padding_may_reach_out():
    assert Field().span(10, 10) == (0, 1)
    padded = receptive_field([nn.Conv2d(1, 1, 3, stride=2, padding=1)])
    assert padded == Field(0, 2, 3)
    assert padded.span(5, 10) == pytest.approx((-0.05, 0.95))


def test_kernels_of_two_numbers_and_of_words_are_read():
    assert receptive_field([nn.MaxPool2d((3, 3), (2, 2))]) == Field(1, 2, 3)
    assert receptive_field([nn.Conv2d(1, 1, 3, padding="same")]) == Field(0, 1, 3)
    assert receptive_field([nn.Conv2d(1, 1, 3, dilation=2), nn.AvgPool2d(2)]) == Field(2.5, 2, 6)


RESIDUAL = {  # kernel and stride along the longest way, layer by layer, by hand
    "relu1": 7,
    "relu2": 7 + 2 * 2 + 3 * 2 * 4,  # the pool, then 3x3 in three blocks, 4 pixels apart
    "relu3": 35 + 2 * 4 + 3 * 2 * 8,  # the first 3x3 steps over two cells
    "relu4": 91 + 2 * 8 + 5 * 2 * 16,
    "relu5": 267 + 2 * 16 + 2 * 2 * 32,
}


def test_resnet_50_is_followed_through_its_blocks_and_not_through_their_shortcuts_too():
    with torch.device("meta"):
        tower = build_tower("resnet-50", 3, 101, temporal=False)
    assert RESIDUAL["relu5"] == 427  # as published for blocks that step in their 3x3 filter
    for number, (stage, size) in enumerate(RESIDUAL.items(), start=1):
        assert field_of(tower, stage) == Field(0, 2**number, size)


@pytest.mark.parametrize(("name", "stage"), [("resnet-50", "relu3"), ("timm/resnet18", "relu4")])
def test_the_pixels_with_a_gradient_are_those_a_cell_looks_at(name: str, stage: str):
    torch.manual_seed(0)
    tower = build_tower(name, 3, 4, temporal=False).eval()
    field, see = field_of(tower, stage), up_to(tower, stage).double()
    for path, layer in [*see.named_modules()]:  # a maximum or a negative weight would hide some
        if isinstance(layer, nn.MaxPool2d):
            see.set_submodule(path, nn.AvgPool2d(3, 2, 1))
        elif isinstance(layer, nn.Conv2d):
            nn.init.uniform_(layer.weight, 0.5, 1)
        elif isinstance(layer, nn.BatchNorm2d):
            nn.init.ones_(layer.weight)  # timm's blocks begin with nothing on their longest way
    frame = torch.rand(1, 3, 480, 32, dtype=torch.double, requires_grad=True)
    cells = see(frame)
    cell = cells.shape[2] // 2
    (gradient,) = torch.autograd.grad(cells[0, :, cell].sum(), frame)
    seen = gradient.abs().sum(dim=(0, 1, 3)).nonzero().flatten()
    centre = field.start + cell * field.step
    reach = (field.size - 1) / 2
    assert (int(seen[0]), int(seen[-1])) == (centre - reach, centre + reach)


@pytest.mark.parametrize("name", ["timm/efficientnet_b0", "timm/mobilevit_s"])
def test_a_gate_and_attention_look_at_the_whole_picture_on_the_same_grid(name: str):
    with torch.device("meta"):
        tower = build_tower(name, 3, 4, temporal=False)
    assert field_of(tower, "relu4") == Field(0, 16, float("inf"))


def test_following_a_network_leaves_it_as_it_was():
    tower = build_tower("timm/resnet18", 3, 4, temporal=False).train()
    before = {name: value.clone() for name, value in tower.state_dict().items()}
    field_of(tower, "relu5")
    assert tower.training
    assert all(torch.equal(value, before[name]) for name, value in tower.state_dict().items())
    assert {value.device.type for value in tower.state_dict().values()} == {"cpu"}
