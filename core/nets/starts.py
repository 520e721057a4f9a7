"""Starts: the filters that a learned fusion begins with, by the released code's names.

Each maker takes the number of channels C of either stream and gives (C, 2C) weights: row d says
what of appearance (the first C) and of motion (the last C) goes into fused channel d
(insert_conv_layers.m; paper.md 1.1). Biases start at zero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import sqrt
from types import MappingProxyType

import torch
from torch import Tensor

Start = Callable[[int], Tensor]


def _shares(appearance: float, motion: float) -> Start:
    """Channel d of either stream goes to fused channel d, and nothing else."""
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
"""Name -> maker. Motion's activations are about a third of appearance's at the last conv layer, so
``2sumAB``, the released default, weighs motion three times as much."""

RANDOM = frozenset({"classic", "xavier", "xavierimproved"})
"""Starts that are drawn, so that the numbers a filter began with are not known afterwards."""
