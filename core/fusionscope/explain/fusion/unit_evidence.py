"""Influence of fused units on a score, and the score with another operator in their place.

Evidence is gradient x activation: to first order, the loss of score without that activation.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from fusionscope.base.records import InputError
from fusionscope.explain.attribution.grad_cam import sloped
from fusionscope.explain.fusion.contributions import operator_at, run_with_fusion
from fusionscope.nets.fusion import FUSIONS, build_fusion, on_one_grid
from fusionscope.nets.network import Network
from fusionscope.trace import Trace


def swaps() -> dict[str, str]:
    """Operators without weights that keep the cells, and so can replace another: name -> title."""
    return {
        name: operator.title
        for name, operator in FUSIONS.items()
        if operator.keeps_cells and not operator.learned
    }


def fused_evidence(
    network: Network, trace: Trace, place: str, head: str, target: int
) -> np.ndarray:
    """(T, C', h, w): evidence of each fused activation at a place for or against a class.

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
    """(T, C', h, w) -> the channels with the most evidence for the class, in that order."""
    return np.argsort(-evidence.sum(axis=(0, 2, 3)), kind="stable")[:count].tolist()


def telling_cell(evidence: np.ndarray, channel: int) -> tuple[int, int, int]:
    """Chunk, row, column of a channel's strongest evidence for the class."""
    cells = evidence[:, channel]
    chunk, row, column = np.unravel_index(int(cells.argmax()), cells.shape)
    return int(chunk), int(row), int(column)


@torch.inference_mode()
def swapped_logits(
    network: Network, trace: Trace, place: str, name: str
) -> Mapping[str, np.ndarray]:
    """Head -> (K,) scores with another operator at a place, without retraining.

    Raises:
        InputError: the network does not fuse there, or the next layer takes another number of
            channels than the operator outputs.
    """
    operator = operator_at(network, place)
    other = build_fusion(name, trace.temporal[place].shape[1])
    if other.out_channels != operator.out_channels:
        raise InputError(
            f"{other.title} outputs {other.out_channels} channels at {place}; the next layer takes "
            f"{operator.out_channels} and would need retraining"
        )

    def meet(at: str, cells: Tensor, motion: Tensor) -> Tensor:
        if at != place:
            return network.fuse(at, cells, motion)
        return other(*on_one_grid(cells, motion))

    seen = run_with_fusion(network, trace, meet)
    return {head: logits[0].cpu().numpy() for head, logits in seen.decisions.items()}
