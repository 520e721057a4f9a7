"""Operators with weights: a 1x1 filter, or a 3x3x3 one over chunks and cells, on the stacked maps.

The network applies a ReLU to their output (insert_conv_layers.m).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from fusionscope.nets.fusion_init import STARTS, Start
from fusionscope.nets.operators.operator import LinearFusion


class Conv(LinearFusion):
    """y = [a, b] * f + bias, f 1 x 1 x 2C x C: learns which channels belong together."""

    name = "conv"
    title = "Conv"
    symbol = "1x1"
    formula = "y = relu([a, b] * f + bias), f 1x1x2CxC"
    words = "stacks the two maps and learns which of their channels belong together"
    unit_formula = "y_d = ReLU(b_d + Σ_c w_dc a_c + Σ_c v_dc m_c)"
    rank = 4
    learned = True
    takes_start = True

    def __init__(
        self, channels: int, start: Start = STARTS["sumAB"], units: int | None = None
    ) -> None:
        super().__init__(units or channels)
        self.mix = nn.Conv2d(2 * channels, self.out_channels, kernel_size=1)
        if self.mix.weight.is_meta:  # has no values, and arithmetic there loads torch's compiler
            return
        with torch.no_grad():
            self.mix.weight.copy_(start(channels)[:units, :, None, None])
            self.mix.get_parameter("bias").zero_()

    def forward(self, spatial: Tensor, temporal: Tensor) -> Tensor:
        """Filter the stacked maps, before the ReLU."""
        both = torch.cat((spatial, temporal), dim=2)
        return self.mix(both.flatten(0, 1)).unflatten(0, both.shape[:2])

    def filters(self) -> Tensor:
        """The filter; one chunk, row and column."""
        return self.mix.weight.detach().unflatten(1, (2, -1))[..., None]

    def bias(self) -> Tensor:
        """The filter's bias."""
        return self.mix.get_parameter("bias").detach()


class Conv3d(LinearFusion):
    """y = [a, b] * f + bias, f 3 x 3 x 3 x 2C x C over chunks and cells, padded by zeros.

    Starts as a 1x1 filter blurred by a Gaussian of sigma 1 and mass 1 (paper section 3.4).
    """

    name = "conv3d"
    title = "3-D conv"
    symbol = "3x3x3"
    formula = "y = relu([a, b] * f + bias), f 3x3x3x2CxC"
    words = "learns which channels belong together, in neighbouring cells and chunks too"
    unit_formula = (
        "y_d = ReLU(b_d + Σ w_dc a_c + Σ v_dc m_c), over 3 x 3 cells, 3 chunks and all channels c"
    )
    rank = 5
    learned = True
    takes_start = True
    reach = (1, 1)

    def __init__(self, channels: int, start: Start = STARTS["2sumAB"]) -> None:
        super().__init__(channels)
        self.mix = nn.Conv3d(2 * channels, channels, kernel_size=3, padding=1)
        if self.mix.weight.is_meta:
            return
        line = torch.exp(-torch.tensor([1.0, 0.0, 1.0]) / 2)
        cube = line[:, None, None] * line[:, None] * line
        with torch.no_grad():
            self.mix.weight.copy_(start(channels)[..., None, None, None] * (cube / cube.sum()))
            self.mix.get_parameter("bias").zero_()

    def forward(self, spatial: Tensor, temporal: Tensor) -> Tensor:
        """Filter the stacked maps, before the ReLU."""
        both = torch.cat((spatial, temporal), dim=2)
        return self.mix(both.transpose(1, 2)).transpose(1, 2)

    def filters(self) -> Tensor:
        """The filter; three chunks, rows and columns."""
        return self.mix.weight.detach().unflatten(1, (2, -1))

    def bias(self) -> Tensor:
        """The filter's bias."""
        return self.mix.get_parameter("bias").detach()
