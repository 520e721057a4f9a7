"""Tower registry: the networks available for a stream, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from fusionscope.base.records import InputError
from fusionscope.nets.towers.efficientnet_lite import efficientnet_lite0
from fusionscope.nets.towers.from_timm import (
    resnet_50,
    resnet_50_caffe,
    resnet_101,
    resnet_152,
    timm_tower,
)
from fusionscope.nets.towers.tower import Tower
from fusionscope.nets.towers.vgg import vgg_16, vgg_m_2048, vgg_m_mini

TOWERS: Mapping[str, Callable[[int, int, bool], Tower]] = MappingProxyType(
    {
        "vgg-m-2048": vgg_m_2048,
        "vgg-m-mini": vgg_m_mini,
        "vgg-16": vgg_16,
        "resnet-50": resnet_50,
        "resnet-101": resnet_101,
        "resnet-152": resnet_152,
        "efficientnet-lite0": efficientnet_lite0,
        "resnet-50-caffe": resnet_50_caffe,
    }
)
"""Name -> factory, called with input channels, classes, and whether the stream is temporal."""


def build_tower(name: str, channels: int, classes: int, *, temporal: bool) -> Tower:
    """Build a tower with newly initialised weights, on the current default device.

    Args:
        name: one of ``TOWERS``, or ``timm/NAME`` for a timm network.
    """
    if name.startswith("timm/"):
        return timm_tower(name.removeprefix("timm/"), channels, classes)
    if name not in TOWERS:
        raise InputError(f"unknown tower {name!r}; choose one of {', '.join(TOWERS)}, or timm/NAME")
    return TOWERS[name](channels, classes, temporal)
