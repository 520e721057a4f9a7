"""VGG: the paper's towers, VGG-M-2048 and VGG-16, layer by layer."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from fusionscope.nets.towers.tower import Tower


class LocalResponseNorm(nn.Module):
    """y = x / (2 + 1e-4 * sum of x^2 over 5 neighbouring channels)^0.75 (paper.md 2.4).

    Equals ``nn.LocalResponseNorm(5, 5e-4, 0.75, 2)``, with the sum as a 1x1 convolution: measured 8
    times faster on a CPU, where torch's version took two thirds of a tower's time.
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
    """CNN-M-2048 of Chatfield et al. 2014, layer by layer as listed in paper.md 2.4.

    The temporal network has no normalisation after its second layer (cnn_ucf101_temporal.m).
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


def vgg_m_2048(channels: int, classes: int, temporal: bool) -> Tower:
    """CNN-M-2048, for frames of 224x224."""
    return _vgg_m(channels, classes, (96, 256, 512, 512, 512), (4096, 2048), 6, 0.5, temporal)


def vgg_m_mini(channels: int, classes: int, temporal: bool) -> Tower:
    """Narrow CNN-M-2048 for frames of 112x112: the grid of relu5 is 6x6, of pool5 2x2."""
    return _vgg_m(channels, classes, (32, 64, 96, 96, 96), (256, 128), 2, 0.2, temporal)


_VGG_16 = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))


def vgg_16(channels: int, classes: int, temporal: bool) -> Tower:  # noqa: ARG001
    """VGG-16 of Simonyan and Zisserman 2015; relu3 is relu3_3, and so on."""
    stages: dict[str, nn.Module] = {}
    counts = []
    last = channels
    for number, widths in enumerate(_VGG_16, start=1):
        layers = []
        for width in widths:
            layers += [nn.Conv2d(last, width, 3, padding=1), nn.ReLU()]
            last = width
        stages[f"relu{number}"] = nn.Sequential(*layers)
        stages[f"pool{number}"] = nn.MaxPool2d(2, stride=2)
        counts += [last, last]
    stages["fc6"] = nn.Sequential(nn.Conv2d(last, 4096, 7), nn.ReLU(), nn.Dropout())
    stages["fc7"] = nn.Sequential(nn.Conv2d(4096, 4096, 1), nn.ReLU(), nn.Dropout())
    stages["fc8"] = nn.Conv2d(4096, classes, 1)
    return Tower(stages, dict(zip(stages, (*counts, 4096, 4096, classes), strict=True)))
