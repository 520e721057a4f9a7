"""EfficientNet-Lite0 (Tan and Le, ICML 2019, without squeeze-and-excitation, with ReLU6).

It computes what timm's ``efficientnet_lite0`` computes, bit for bit, and its weights have the same
names. It is written out here because importing timm takes longer than importing torch: timm loads
torchvision, and that loads torch's compiler.
"""

from __future__ import annotations

import math

from torch import Tensor, nn

from fusionscope.nets.towers.tower import Tower

_BLOCKS = (
    *((6, 24, 3, 2, 2), (6, 40, 5, 2, 2), (6, 80, 3, 2, 3)),
    *((6, 112, 5, 1, 3), (6, 192, 5, 2, 4), (6, 320, 3, 1, 1)),
)
"""Expansion, output channels, kernel, stride of the first block, number of blocks."""


class _Norm(nn.BatchNorm2d):
    """Batch normalisation, then ReLU6 unless ``linear``."""

    def __init__(self, channels: int, linear: bool = False) -> None:
        super().__init__(channels)
        self.act = nn.Identity() if linear else nn.ReLU6(inplace=True)

    def forward(self, input: Tensor) -> Tensor:
        return self.act(super().forward(input))


class InvertedResidual(nn.Module):
    """Expand, filter each channel, project; the input is added if the shape stays the same."""

    def __init__(self, channels: int, expand: int, out: int, kernel: int, stride: int) -> None:
        super().__init__()
        wide = channels * expand
        self.has_skip = stride == 1 and channels == out
        self.conv_pw, self.bn1 = _conv(channels, wide), _Norm(wide)
        self.conv_dw, self.bn2 = _conv(wide, wide, kernel, stride, groups=wide), _Norm(wide)
        self.conv_pwl, self.bn3 = _conv(wide, out), _Norm(out, linear=True)

    def forward(self, x: Tensor) -> Tensor:
        wide = self.bn2(self.conv_dw(self.bn1(self.conv_pw(x))))
        made = self.bn3(self.conv_pwl(wide))
        return made + x if self.has_skip else made


class DepthwiseSeparableConv(nn.Module):
    """Filter each channel, project."""

    def __init__(self, channels: int, out: int) -> None:
        super().__init__()
        self.conv_dw, self.bn1 = _conv(channels, channels, 3, groups=channels), _Norm(channels)
        self.conv_pw, self.bn2 = _conv(channels, out), _Norm(out, linear=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.bn2(self.conv_pw(self.bn1(self.conv_dw(x))))


def efficientnet_lite0(channels: int, classes: int, temporal: bool) -> Tower:  # noqa: ARG001
    """EfficientNet-Lite0. Its blocks end without a ReLU; relu1 ... relu5 are only names."""
    blocks: list[nn.Module] = [nn.Sequential(DepthwiseSeparableConv(32, 16))]
    last = 16
    for expand, out, kernel, stride, count in _BLOCKS:
        first = InvertedResidual(last, expand, out, kernel, stride)
        rest = (InvertedResidual(out, expand, out, kernel, 1) for _ in range(count - 1))
        blocks.append(nn.Sequential(first, *rest))
        last = out
    stages: dict[str, nn.Module] = {
        "relu1": nn.Sequential(_conv(channels, 32, 3, 2), _Norm(32), blocks[0]),
        "relu2": blocks[1],
        "relu3": blocks[2],
        "relu4": nn.Sequential(*blocks[3:5]),
        "relu5": nn.Sequential(*blocks[5:7]),
        "pool5": nn.Identity(),
        "fc6": nn.Sequential(_conv(last, 1280), _Norm(1280)),
        "fc8": nn.Sequential(nn.Dropout(0.2), nn.Conv2d(1280, classes, 1)),
    }
    return Tower(stages, dict(zip(stages, (16, 24, 40, 112, 320, 320, 1280, classes), strict=True)))


def _conv(channels: int, out: int, kernel: int = 1, stride: int = 1, groups: int = 1) -> nn.Conv2d:
    """A filter without bias, initialised as the authors do: normal, by its number of outputs."""
    made = nn.Conv2d(channels, out, kernel, stride, kernel // 2, groups=groups, bias=False)
    if not made.weight.is_meta:  # which has no values; ``normal_`` there loads torch's compiler
        nn.init.normal_(made.weight, 0, math.sqrt(2 / (kernel * kernel * out // groups)))
    return made
