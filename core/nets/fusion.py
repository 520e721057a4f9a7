"""Fusion: two feature maps in, one out.

Every operator takes ``spatial`` and ``temporal`` of one shape (B, T, C, h, w) and returns
(B, T, out_channels, h, w), before the ReLU that the network puts behind it. Position is kept: the
streams meet cell by cell, chunk by chunk (paper section 3.1; 3.3 for the 3-D filter).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import torch
from torch import Tensor, nn

SHARES = (0.25, 0.75)
"""Start weights of appearance and motion: activations of motion are about a third of appearance's,
so its identity is three times larger (paper section 3.4; normalised to 1 in the released code)."""


class Fusion(nn.Module):
    """What the operators share. Each subclass is final and says only how two maps become one."""

    def __init__(self, out_channels: int) -> None:
        super().__init__()
        self.out_channels = out_channels

    def forward(self, spatial: Tensor, temporal: Tensor) -> Tensor:
        raise NotImplementedError


class Conv(Fusion):
    """y = [a, b] * f + bias, f 1 x 1 x 2C x C: learns which channels belong together.

    Starts as the sum: two identities, one upon the other.
    """

    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        self.mix = nn.Conv2d(2 * channels, channels, kernel_size=1)
        with torch.no_grad():
            self.mix.weight.copy_(torch.eye(channels).repeat(1, 2)[..., None, None])
            self.mix.bias.zero_()  # pyright: ignore[reportOptionalMemberAccess]

    def forward(self, spatial: Tensor, temporal: Tensor) -> Tensor:
        both = torch.cat((spatial, temporal), dim=2)
        return self.mix(both.flatten(0, 1)).unflatten(0, both.shape[:2])


class Conv3d(Fusion):
    """y = [a, b] * f + bias, f 3 x 3 x 3 x 2C x C over chunks and cells, padded by zeros.

    Starts as the sum, weighted ``SHARES``, blurred by a Gaussian of sigma 1 and mass 1.
    """

    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        self.mix = nn.Conv3d(2 * channels, channels, kernel_size=3, padding=1)
        line = torch.exp(-torch.tensor([1.0, 0.0, 1.0]) / 2)
        cube = line[:, None, None] * line[:, None] * line
        pairs = torch.cat([share * torch.eye(channels) for share in SHARES], dim=1)
        with torch.no_grad():
            self.mix.weight.copy_(pairs[..., None, None, None] * (cube / cube.sum()))
            self.mix.bias.zero_()  # pyright: ignore[reportOptionalMemberAccess]

    def forward(self, spatial: Tensor, temporal: Tensor) -> Tensor:
        both = torch.cat((spatial, temporal), dim=2)
        return self.mix(both.transpose(1, 2)).transpose(1, 2)


FUSIONS: Mapping[str, Callable[[int], Fusion]] = MappingProxyType({"conv": Conv, "conv3d": Conv3d})
"""Name -> maker, called with the number of channels of either stream."""
