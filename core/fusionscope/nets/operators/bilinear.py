"""Bilinear fusion: every channel of one map times every channel of the other, summed over cells."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from fusionscope.base.records import InputError
from fusionscope.nets.operators.operator import Fusion


class Bilinear(Fusion):
    """y = sum over cells of a b^T, then signed square root and L2 norm: C^2 numbers a chunk.

    All pairs of channels are formed and the position is lost, so the output is (B, T, C^2, 1, 1)
    and only a classifier can follow (paper section 3.1; Lin et al. 2015).
    """

    name = "bilinear"
    title = "Bilinear"
    symbol = "a bᵀ"
    formula = "y = Σ a bᵀ over all cells"
    words = "multiplies every channel with every other and sums over the picture"
    rank = 3
    keeps_cells = False
    unit_norm = True

    def __init__(self, channels: int) -> None:
        super().__init__(channels * channels)

    def forward(self, spatial: Tensor, temporal: Tensor) -> Tensor:
        """Form all pairs, take the signed square root, and normalise."""
        pairs = torch.einsum("btchw,btdhw->btcd", spatial, temporal).flatten(2)
        # A tiny number under the root keeps its slope finite at zero.
        rooted = pairs.sign() * ((pairs.abs() + 1e-12).sqrt() - 1e-6)
        return nn.functional.normalize(rooted, dim=2)[..., None, None]

    def pair_totals(self, spatial: Tensor, temporal: Tensor) -> Tensor:
        """The products of one chunk, summed over its cells."""
        return torch.einsum("chw,dhw->cd", spatial, temporal)

    def halves(self, spatial: Tensor, temporal: Tensor) -> tuple[Tensor, Tensor]:  # noqa: ARG002
        """Not defined: each output is a sum of products over all cells."""
        raise InputError("bilinear fusion sums over all cells: it has no map of contributions")

    def filters(self) -> Tensor:
        """Not defined: the output is not linear in both maps."""
        raise InputError("bilinear fusion pairs every channel with every other; it has no filters")

    def unit_weights(self, channel: int, window: Tensor) -> Tensor:  # noqa: ARG002
        """Not defined: no output belongs to one cell."""
        raise InputError("bilinear fusion sums over all cells: no output belongs to one cell")
