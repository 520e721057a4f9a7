"""Operators without weights that keep the cells: sum, max, concatenation (paper section 3.1)."""

from __future__ import annotations

import torch
from torch import Tensor

from fusionscope.nets.operators.operator import Fusion, LinearFusion


class Sum(LinearFusion):
    """y = a + b: channel d of one map is added to channel d of the other."""

    name = "sum"
    title = "Sum"
    symbol = "+"
    formula = "y = a + b"
    words = "adds the two maps, channel by channel"
    unit_formula = "y_d = a_d + m_d"
    rank = 0

    def forward(self, spatial: Tensor, temporal: Tensor) -> Tensor:
        """Add."""
        return spatial + temporal

    def filters(self) -> Tensor:
        """1 from channel d of either map to output channel d."""
        return torch.stack([torch.eye(self.out_channels)] * 2, dim=1)[..., None, None, None]

    def unit_weights(self, channel: int, window: Tensor) -> Tensor:  # noqa: ARG002
        """1 for channel d of either map."""
        weights = torch.zeros(2, self.out_channels, 1, 1, 1)
        weights[:, channel] = 1
        return weights

    def expression(self, channel: int) -> str:  # noqa: ARG002
        """The two activations, added."""
        return "{a} + {m}"


class Max(Fusion):
    """y = max(a, b): the pairing of channels is as arbitrary as that of the sum."""

    name = "max"
    title = "Max"
    symbol = "max"
    formula = "y = max(a, b)"
    words = "keeps the larger of the two, channel by channel"
    unit_formula = "y_d = max(a_d, m_d)"
    rank = 1

    def forward(self, spatial: Tensor, temporal: Tensor) -> Tensor:
        """Take the larger of the two in every cell."""
        return torch.maximum(spatial, temporal)

    def halves(self, spatial: Tensor, temporal: Tensor) -> tuple[Tensor, Tensor]:
        """The larger contributes its value, the other nothing; equal ones count as appearance."""
        return spatial * (spatial >= temporal), temporal * (temporal > spatial)

    def filters(self) -> Tensor:
        """1 from channel d of either map to output channel d."""
        return torch.stack([torch.eye(self.out_channels)] * 2, dim=1)[..., None, None, None]

    def unit_weights(self, channel: int, window: Tensor) -> Tensor:
        """1 for the larger of the two activations in this cell."""
        appearance, motion = window[:, 0, channel, 0, 0].tolist()
        weights = torch.zeros(2, self.out_channels, 1, 1, 1)
        weights[int(motion > appearance), channel] = 1
        return weights

    def expression(self, channel: int) -> str:  # noqa: ARG002
        """The larger of the two activations."""
        return "max({a}, {m})"


class Concatenation(LinearFusion):
    """y = [a, b]: 2C channels, in blocks as in the released code; the next layer pairs them."""

    name = "cat"
    title = "Concatenation"
    symbol = "[a, b]"
    formula = "y = [a, b]"
    words = "stacks the two maps; the next layer pairs their channels"
    unit_formula = "y_d = a_d, y_{C+d} = m_d"
    rank = 2

    def __init__(self, channels: int) -> None:
        super().__init__(2 * channels)

    def forward(self, spatial: Tensor, temporal: Tensor) -> Tensor:
        """Stack the channels, appearance first."""
        return torch.cat((spatial, temporal), dim=2)

    def filters(self) -> Tensor:
        """1 from channel d of appearance to output d, and of motion to output C + d."""
        eye = torch.eye(self.out_channels).unflatten(1, (2, -1))
        return eye[..., None, None, None]

    def unit_weights(self, channel: int, window: Tensor) -> Tensor:  # noqa: ARG002
        """1 for the one channel that is copied."""
        weights = torch.zeros(self.out_channels)
        weights[channel] = 1
        return weights.unflatten(0, (2, -1))[..., None, None, None]

    def expression(self, channel: int) -> str:
        """The one activation that is copied."""
        return "{a}" if channel < self.out_channels // 2 else "{m}"
