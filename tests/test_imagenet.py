"""ImageNet: published weights, or a file's, land in the layers they belong to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
import torchvision
from torch import Tensor, nn

from fusionscope.base.records import InputError
from fusionscope.nets.towers.imagenet import (
    imagenet_normalisation,
    imagenet_values,
    load_imagenet,
    pending_download,
)
from fusionscope.nets.towers.registry import build_tower
from fusionscope.nets.towers.tower import Tower
from fusionscope.nets.towers.tower_names import fitted_values
from tests.imagenet_files import in_the_hubs_cache, in_torchs_cache, torchvision_values
from tests.slow import rest_slow


def shapes_of(name: str, channels: int = 3) -> dict[str, Tensor]:
    with torch.device("meta"):
        return build_tower(name, channels, 5, temporal=channels != 3).state_dict()


def the_number(value: Tensor) -> float:
    """The number in all places of a tensor; looks at its ends only."""
    first, last = value[(0,) * value.ndim].item(), value[(-1,) * value.ndim].item()
    assert first == last
    return first


def unsettled(net: nn.Module) -> nn.Module:
    """A network whose batch norms have learned something, in evaluation mode."""
    torch.manual_seed(4)
    for layer in net.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.get_buffer("running_mean").normal_(std=0.1)
            layer.get_buffer("running_var").uniform_(0.5, 1.5)
    return net.eval()


@torch.inference_mode()
def last_map(tower: Tower, picture: Tensor) -> Tensor:
    return tower.eval().until("relu5", picture)


VGG_16 = {
    "relu1.0": "features.0", "relu1.2": "features.2", "relu2.0": "features.5",
    "relu2.2": "features.7", "relu3.0": "features.10", "relu3.2": "features.12",
    "relu3.4": "features.14", "relu4.0": "features.17", "relu4.2": "features.19",
    "relu4.4": "features.21", "relu5.0": "features.24", "relu5.2": "features.26",
    "relu5.4": "features.28", "fc6.0": "classifier.0", "fc7.0": "classifier.3",
}  # fmt: skip


def test_vgg_16_starts_from_torchvisions_cached_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    given = torchvision_values("vgg16")
    in_torchs_cache(monkeypatch, tmp_path, "vgg-16", given)
    assert pending_download("vgg-16") is None
    own = shapes_of("vgg-16")
    found = fitted_values(own, imagenet_values("vgg-16"), "vgg-16")
    assert found.keys() == {name for name in own if not name.startswith("stages.fc8")}
    for ours, theirs in VGG_16.items():
        for kind in ("weight", "bias"):
            value = found[f"stages.{ours}.{kind}"]
            assert the_number(value) == the_number(given[f"{theirs}.{kind}"])


@pytest.mark.parametrize("depth", rest_slow([50, 101, 152], 50))
def test_a_resnet_computes_what_torchvisions_does(
    depth: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    name = f"resnet-{depth}"
    theirs: Any = unsettled(getattr(torchvision.models, f"resnet{depth}")(weights=None))
    old = {k: v for k, v in theirs.state_dict().items() if not k.endswith("batches_tracked")}
    in_torchs_cache(monkeypatch, tmp_path, name, old)
    tower = build_tower(name, 3, 5, temporal=False)
    before = tower.get_parameter("stages.fc8.weight").clone()
    load_imagenet(tower, name)
    picture = torch.rand(1, 3, 64, 64)
    with torch.inference_mode():
        x = theirs.maxpool(theirs.relu(theirs.bn1(theirs.conv1(picture))))
        expected = theirs.layer4(theirs.layer3(theirs.layer2(theirs.layer1(x))))
    torch.testing.assert_close(last_map(tower, picture), expected)
    assert torch.equal(tower.get_parameter("stages.fc8.weight"), before)


@pytest.mark.parametrize("name", ["vgg-16", "resnet-50"])
def test_the_first_flow_layer_is_the_mean_of_the_rgb_filters(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    given = torchvision_values(name.replace("-", ""))
    first = next(key for key, value in given.items() if value.ndim == 4)
    given[first] = torch.rand(given[first].shape)
    in_torchs_cache(monkeypatch, tmp_path, name, given)
    found = fitted_values(shapes_of(name, 20), imagenet_values(name), name)
    mean = given[first].mean(dim=1)
    weight = found["stages.relu1.0.weight"]
    assert weight.shape[1] == 20
    for channel in range(20):
        torch.testing.assert_close(weight[:, channel], mean)


def test_a_timm_tower_starts_from_the_hubs_cached_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    import timm

    theirs: Any = unsettled(timm.create_model("resnet18"))
    in_the_hubs_cache(monkeypatch, tmp_path, "timm/resnet18.a1_in1k", theirs)
    assert pending_download("timm/resnet18") is None
    tower = build_tower("timm/resnet18", 3, 5, temporal=False)
    load_imagenet(tower, "timm/resnet18")
    picture = torch.rand(1, 3, 64, 64)
    with torch.inference_mode():
        expected = theirs.forward_features(picture)
    torch.testing.assert_close(last_map(tower, picture), expected)
    flow = build_tower("timm/resnet18", 20, 5, temporal=True)
    load_imagenet(flow, "timm/resnet18")
    first = theirs.get_parameter("conv1.weight").detach().mean(dim=1)
    torch.testing.assert_close(flow.get_parameter("stages.relu1.0.weight").detach()[:, 7], first)


@pytest.mark.slow
def test_a_timm_tower_starts_from_a_file_that_has_all_its_values(tmp_path: Path):
    import timm

    theirs = unsettled(timm.create_model("resnet18")).state_dict()
    torch.save({"state_dict": theirs}, tmp_path / "own.pth")
    found = imagenet_values("timm/resnet18", tmp_path / "own.pth")
    assert torch.equal(found["stages.relu2.1.0.conv1.weight"], theirs["layer1.0.conv1.weight"])
    del theirs["layer2.1.conv2.weight"]
    torch.save(theirs, tmp_path / "less.pth")
    with pytest.raises(InputError, match=r"less\.pth .*"):
        imagenet_values("timm/resnet18", tmp_path / "less.pth")


def vgg_m_file(folder: Path, *, seven: int = 2048, names: str = "features.{}") -> Path:
    """A file of VGG-M with the names and shapes of its PyTorch port."""
    filters = {
        0: (96, 3, 7),
        4: (256, 96, 5),
        8: (512, 256, 3),
        10: (512, 512, 3),
        12: (512, 512, 3),
    }
    values = {}
    for at, (out, into, side) in filters.items():
        values[f"{names.format(at)}.weight"] = torch.full((1,), at / 10).expand(
            out, into, side, side
        )
        values[f"{names.format(at)}.bias"] = torch.full((1,), 1.0).expand(out)
    for at, (out, into) in {0: (4096, 512 * 36), 3: (seven, 4096), 6: (1000, seven)}.items():
        values[f"classif.{at}.weight"] = torch.full((1,), 5.0 + at).expand(out, into)
        values[f"classif.{at}.bias"] = torch.full((1,), 1.0).expand(out)
    torch.save(values, folder / "vggm.pth")
    return folder / "vggm.pth"


def test_vgg_m_starts_from_a_file(tmp_path: Path):
    found = imagenet_values("vgg-m-2048", vgg_m_file(tmp_path))
    fitted = fitted_values(shapes_of("vgg-m-2048", 20), found, "vggm.pth")
    assert fitted["stages.fc6.0.weight"].shape == (4096, 512, 6, 6)
    assert the_number(fitted["stages.relu4.0.weight"]) == 1.0
    assert the_number(fitted["stages.fc7.0.weight"]) == 8.0


def test_a_file_of_other_shapes_or_names_is_refused(tmp_path: Path):
    path = vgg_m_file(tmp_path, seven=4096)
    found, own = imagenet_values("vgg-m-2048", path), shapes_of("vgg-m-2048")
    with pytest.raises(InputError, match=r"vggm\.pth does not fit: fc7.* 4096x4096; needed: 2048x"):
        fitted_values(own, found, path.name)
    torch.save({"body.0.weight": torch.ones(2, 2)}, tmp_path / "odd.pth")
    with pytest.raises(InputError, match=r"odd\.pth has no layers of vgg-16 .*names like features"):
        imagenet_values("vgg-16", tmp_path / "odd.pth")


def test_weights_that_nobody_publishes_need_a_file():
    with pytest.raises(InputError, match=r"publishes ImageNet weights of vgg-m-2048; .*--weights"):
        imagenet_values("vgg-m-2048")
    with pytest.raises(InputError, match=r"timm has no .*'no-such-net'"):
        pending_download("timm/no-such-net")


def test_a_download_is_announced_with_its_size_and_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    found = pending_download("vgg-16")
    assert found is not None
    assert found.source == "https://download.pytorch.org/models/vgg16-397923af.pth"
    assert found.folder == tmp_path / "hub/checkpoints"
    assert found.megabytes == pytest.approx(527.8, abs=0.1)


def test_without_a_network_the_error_names_the_address(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")  # where nothing listens
    with pytest.raises(InputError, match=r"vgg-16 cannot be loaded from https://.*--weights FILE"):
        imagenet_values("vgg-16")


def test_a_damaged_cached_file_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    path = in_torchs_cache(monkeypatch, tmp_path, "vgg-16", {})
    path.write_bytes(b"no weights")
    with pytest.raises(InputError, match=r"weights of vgg-16 cannot be loaded"):
        imagenet_values("vgg-16")


def test_published_weights_say_which_input_they_expect():
    mean, scale = imagenet_normalisation("resnet-50") or ((), ())
    assert mean == pytest.approx((123.675, 116.28, 103.53))
    assert scale == pytest.approx((58.395, 57.12, 57.375))
    assert imagenet_normalisation("timm/resnet18") == (mean, scale)
    assert imagenet_normalisation("vgg-m-2048") is None
