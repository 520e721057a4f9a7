"""EfficientNet-Lite0 without timm: the same names, values and gradients as timm's own."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from fusionscope.nets.towers.efficientnet_lite import efficientnet_lite0

STAGES = (  # of timm's network, with the layers that make each of ours
    ("relu1", ("conv_stem", "bn1", "blocks.0")),
    ("relu2", ("blocks.1",)),
    ("relu3", ("blocks.2",)),
    ("relu4", ("blocks.3", "blocks.4")),
    ("relu5", ("blocks.5", "blocks.6")),
    ("fc6", ("conv_head", "bn2")),
)


@pytest.mark.slow
@pytest.mark.parametrize("channels", [3, 20])
def test_it_computes_what_timm_computes_bit_for_bit(channels: int):
    import timm

    torch.manual_seed(3)
    theirs = timm.create_model("efficientnet_lite0", pretrained=False, in_chans=channels).eval()
    for layer in theirs.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.get_buffer("running_mean").normal_(std=0.1)
            layer.get_buffer("running_var").uniform_(0.5, 1.5)
    ours = efficientnet_lite0(channels, 7, temporal=False).eval()
    pairs = dict(STAGES)
    for name, layers in pairs.items():
        parts = torch.nn.Sequential(*map(theirs.get_submodule, layers))
        own = ours.stages[name]
        same = parts[0] if len(parts) == 1 else parts
        assert list(own.state_dict()) == list(same.state_dict())
        own.load_state_dict(same.state_dict())
    picture = torch.randn(2, channels, 96, 128)
    maps = ours(picture)
    expected = picture
    for name, layers in pairs.items():
        for layer in layers:
            expected = theirs.get_submodule(layer)(expected)
        assert torch.equal(maps[name], expected), name
    for made, of in ((maps["fc6"], ours), (expected, theirs)):
        of.zero_grad()
        made.square().sum().backward()
    first = ours.get_parameter("stages.relu1.0.weight").grad
    again = theirs.get_parameter("conv_stem.weight").grad
    assert first is not None
    assert again is not None
    assert torch.equal(first, again)


def test_new_filters_are_spread_by_their_number_of_outputs():
    torch.manual_seed(5)
    tower = efficientnet_lite0(3, 7, temporal=False)
    for layer in tower.stages["relu5"].modules():
        if isinstance(layer, torch.nn.Conv2d):
            outputs = layer.kernel_size[0] ** 2 * layer.out_channels // layer.groups
            assert float(layer.weight.detach().std()) == pytest.approx(
                (2 / outputs) ** 0.5, rel=0.1
            )


def test_it_is_built_without_timm():
    code = (
        "from fusionscope.nets.towers.registry import build_tower\n"
        "build_tower('efficientnet-lite0', 3, 7, temporal=False)\n"
        "import sys\n"
        "print(*{name.partition('.')[0] for name in sys.modules}, *sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True
    )
    loaded = set(done.stdout.split())
    assert "torch" in loaded
    assert not {"timm", "torchvision", "torch._dynamo"} & loaded
