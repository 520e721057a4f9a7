"""Fusion initialisation: initial filters of a learned fusion, named as in the released code.

Each function takes the number of channels C of one stream and returns (C, 2C) weights. Row d holds
the weights of the appearance channels (first C) and the motion channels (last C) in fused channel d
(insert_conv_layers.m; paper.md 1.1). Biases are initialised to zero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import sqrt
from types import MappingProxyType

import torch
from torch import Tensor

Start = Callable[[int], Tensor]


def _shares(appearance: float, motion: float) -> Start:
    """Fused channel d is a weighted sum of channel d of both streams."""
    return lambda c: torch.cat((appearance * torch.eye(c), motion * torch.eye(c)), dim=1)


STARTS: Mapping[str, Start] = MappingProxyType(
    {
        "sumAB": _shares(1, 1),
        "2sumAB": _shares(0.25, 0.75),
        "100sumAB": _shares(0.01, 1),
        "netA": _shares(1, 0),
        "netB": _shares(0, 1),
        "uniformly": lambda c: torch.full((c, 2 * c), 1 / (2 * c)),
        "classic": lambda c: torch.randn(c, 2 * c) * 0.01,
        "xavier": lambda c: (2 * torch.rand(c, 2 * c) - 1) * sqrt(3 / (2 * c)),
        "xavierimproved": lambda c: torch.randn(c, 2 * c) * sqrt(2 / c),
    }
)
"""Name -> initialisation. At the last conv layer, motion activations are about a third as large as
appearance activations, so ``2sumAB``, the released default, weights motion three times as much."""

RANDOM = frozenset({"classic", "xavier", "xavierimproved"})
"""Random initialisations, whose values cannot be recovered after training."""
