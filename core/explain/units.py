"""Units: which fused channels, and where, the answer rests on; and other operators in their place.

Evidence is gradient x activation: to first order, what a score would lose without that activation.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import torch
from torch import Tensor

from core.explain.attribution import sloped
from core.explain.meeting import met_anew, operator_at
from core.nets.fusion import FUSIONS, registered
from core.nets.network import Network
from core.records import InputError
from core.trace import Trace

SWAPS: Mapping[str, str] = MappingProxyType({"sum": "Sum", "max": "Max", "cat": "Concatenation"})
"""Operators without weights, which can stand in for any other on paper: name -> title."""


def fused_evidence(
    network: Network, trace: Trace, place: str, head: str, target: int
) -> np.ndarray:
    """(T, C', h, w): what each fused activation at a place speaks for or against a class.

    Args:
        head: whose score; ``average`` for the mean of all heads.
        target: number of the class.

    Raises:
        InputError: the network does not fuse there, or its score does not depend on what it returns
            there.
    """
    operator_at(network, place)
    cells, slope = sloped(network, trace.snippets, "fused", place, head, target)
    return (slope * cells)[0].cpu().numpy()


def strongest(evidence: np.ndarray, count: int = 8) -> list[int]:
    """(T, C', h, w) -> the channels that speak most for the class, the most telling first."""
    return np.argsort(-evidence.sum(axis=(0, 2, 3)), kind="stable")[:count].tolist()


def telling_cell(evidence: np.ndarray, channel: int) -> tuple[int, int, int]:
    """Chunk, row, column at which a channel speaks most for the class."""
    cells = evidence[:, channel]
    chunk, row, column = np.unravel_index(int(cells.argmax()), cells.shape)
    return int(chunk), int(row), int(column)


@torch.inference_mode()
def swapped_logits(
    network: Network, trace: Trace, place: str, name: str
) -> Mapping[str, np.ndarray]:
    """Head -> (K,) scores with another operator at a place, and nothing trained for it.

    Raises:
        InputError: the network does not fuse there, or what lies behind cannot take what the
            operator gives.
    """
    operator = operator_at(network, place)
    other = FUSIONS[name](trace.temporal[place].shape[1])
    if other.out_channels != operator.out_channels:
        raise InputError(
            f"{name} gives {other.out_channels} channels at {place} and the layer behind takes "
            f"{operator.out_channels}: it would have to be made anew and trained"
        )

    def meet(at: str, cells: Tensor, motion: Tensor) -> Tensor:
        return other(*registered(cells, motion)) if at == place else network.fuse(at, cells, motion)

    seen = met_anew(network, trace, meet)
    return {head: logits[0].cpu().numpy() for head, logits in seen.decisions.items()}
