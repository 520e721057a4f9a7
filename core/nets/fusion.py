"""Fusion: two feature maps in, one out.

Every operator takes ``spatial`` and ``temporal`` of one shape (B, T, C, h, w) and returns
(B, T, out_channels, h, w). Position is kept: the streams meet cell by cell, chunk by chunk (paper
section 3.1; 3.3 for the 3-D filter). An operator with weights is followed by a ReLU in the network
(insert_conv_layers.m); of maps already rectified the others need none.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import torch
from torch import Tensor, nn

from core.nets.starts import STARTS, Start
from core.records import InputError


class Fusion(nn.Module):
    """What the operators share. Each subclass is final and says only how two maps become one."""

    learned = False  # has weights, and so a ReLU behind it
    symbol = ""  # what stands where the streams join in a drawing
    formula = ""  # y of a, the appearance, and b, the motion
    words = ""  # the formula, said

    def __init__(self, out_channels: int) -> None:
        super().__init__()
        self.out_channels = out_channels

    def forward(self, spatial: Tensor, temporal: Tensor) -> Tensor:
        raise NotImplementedError


class Sum(Fusion):
    """y = a + b: channel d meets channel d, whatever they stand for."""

    symbol = "+"
    formula = "y = a + b"
    words = "adds the two maps, channel by channel"

    def forward(self, spatial: Tensor, temporal: Tensor) -> Tensor:
        return spatial + temporal


class Max(Fusion):
    """y = max(a, b): as arbitrary as the sum."""

    symbol = "max"
    formula = "y = max(a, b)"
    words = "keeps the larger of the two, channel by channel"

    def forward(self, spatial: Tensor, temporal: Tensor) -> Tensor:
        return torch.maximum(spatial, temporal)


class Concatenation(Fusion):
    """y = [a, b]: 2C channels, in blocks as in the released code; the next layer pairs them."""

    symbol = "[a, b]"
    formula = "y = [a, b]"
    words = "stacks the two maps; the next layer pairs their channels"

    def __init__(self, channels: int) -> None:
        super().__init__(2 * channels)

    def forward(self, spatial: Tensor, temporal: Tensor) -> Tensor:
        return torch.cat((spatial, temporal), dim=2)


class Conv(Fusion):
    """y = [a, b] * f + bias, f 1 x 1 x 2C x C: learns which channels belong together."""

    learned = True
    symbol = "1x1"
    formula = "y = relu([a, b] * f + bias), f 1x1x2CxC"
    words = "stacks the two maps and learns which of their channels belong together"

    def __init__(self, channels: int, start: Start = STARTS["sumAB"]) -> None:
        super().__init__(channels)
        self.mix = nn.Conv2d(2 * channels, channels, kernel_size=1)
        with torch.no_grad():
            self.mix.weight.copy_(start(channels)[..., None, None])
            self.mix.bias.zero_()  # pyright: ignore[reportOptionalMemberAccess]

    def forward(self, spatial: Tensor, temporal: Tensor) -> Tensor:
        both = torch.cat((spatial, temporal), dim=2)
        return self.mix(both.flatten(0, 1)).unflatten(0, both.shape[:2])


class Conv3d(Fusion):
    """y = [a, b] * f + bias, f 3 x 3 x 3 x 2C x C over chunks and cells, padded by zeros.

    Starts as a 1x1 filter blurred by a Gaussian of sigma 1 and mass 1 (paper section 3.4).
    """

    learned = True
    symbol = "3x3x3"
    formula = "y = relu([a, b] * f + bias), f 3x3x3x2CxC"
    words = "learns which channels belong together, in neighbouring cells and chunks too"

    def __init__(self, channels: int, start: Start = STARTS["2sumAB"]) -> None:
        super().__init__(channels)
        self.mix = nn.Conv3d(2 * channels, channels, kernel_size=3, padding=1)
        line = torch.exp(-torch.tensor([1.0, 0.0, 1.0]) / 2)
        cube = line[:, None, None] * line[:, None] * line
        with torch.no_grad():
            self.mix.weight.copy_(start(channels)[..., None, None, None] * (cube / cube.sum()))
            self.mix.bias.zero_()  # pyright: ignore[reportOptionalMemberAccess]

    def forward(self, spatial: Tensor, temporal: Tensor) -> Tensor:
        both = torch.cat((spatial, temporal), dim=2)
        return self.mix(both.transpose(1, 2)).transpose(1, 2)


class Bilinear(Fusion):
    """y = sum over cells of a b^T, then signed square root and L2 norm: C^2 numbers a chunk.

    All pairs of channels meet, and position is lost, so this one gives (B, T, C^2, 1, 1) and is
    followed by a classifier alone (paper section 3.1; Lin et al. 2015).
    """

    symbol = "a bᵀ"
    formula = "y = Σ a bᵀ over all cells"
    words = "multiplies every channel with every other and sums over the picture"

    def __init__(self, channels: int) -> None:
        super().__init__(channels * channels)

    def forward(self, spatial: Tensor, temporal: Tensor) -> Tensor:
        pairs = torch.einsum("btchw,btdhw->btcd", spatial, temporal).flatten(2)
        # A tiny number under the root keeps its slope finite at zero.
        rooted = pairs.sign() * ((pairs.abs() + 1e-12).sqrt() - 1e-6)
        return nn.functional.normalize(rooted, dim=2)[..., None, None]


FUSIONS: Mapping[str, type[Fusion]] = MappingProxyType(
    {
        "sum": Sum,
        "max": Max,
        "cat": Concatenation,
        "conv": Conv,
        "conv3d": Conv3d,
        "bilinear": Bilinear,
    }
)
"""Name -> maker, called with the channels of either stream; a learned one takes a start too."""


def build_fusion(name: str, channels: int, start: str = "") -> Fusion:
    """Build an operator; ``start`` names a learned one's first weights, empty: its own.

    Raises:
        InputError: there is no such operator or start, or the operator has nothing to start.
    """
    if name not in FUSIONS:
        raise InputError(f"there is no fusion {name!r}; choose one of {', '.join(FUSIONS)}")
    if not start:
        return FUSIONS[name](channels)
    if start not in STARTS:
        raise InputError(f"there is no start {start!r}; choose one of {', '.join(STARTS)}")
    if name not in LEARNED:
        raise InputError(
            f"{name} fusion has no weights to start as {start!r}; {' and '.join(LEARNED)} have"
        )
    return FUSIONS[name](channels, STARTS[start])  # pyright: ignore[reportCallIssue]


LEARNED = tuple(name for name, maker in FUSIONS.items() if getattr(maker, "learned", False))


def registered(spatial: Tensor, temporal: Tensor) -> tuple[Tensor, Tensor]:
    """Give two maps one grid: the smaller is padded with zeros at the bottom and the right.

    The paper's only such case is VGG-16 (14x14) with VGG-M (13x13), padded by one row and column
    (paper.md 2.1).

    Raises:
        InputError: the grids differ by more than one cell a side, or the channels differ.
    """
    (h, w), (k, m) = spatial.shape[-2:], temporal.shape[-2:]
    if abs(h - k) > 1 or abs(w - m) > 1:
        raise InputError(
            f"the streams' maps are {h}x{w} and {k}x{m} cells; to be fused they may differ by one"
        )
    if spatial.shape[2] != temporal.shape[2]:
        raise InputError(
            f"the streams' maps have {spatial.shape[2]} and {temporal.shape[2]} channels; "
            "to be fused they need the same number"
        )
    pad = nn.functional.pad
    return (
        pad(spatial, (0, max(m - w, 0), 0, max(k - h, 0))),
        pad(temporal, (0, max(w - m, 0), 0, max(h - k, 0))),
    )
