"""Pairs of channels: for operators whose outputs are products of one channel of each stream.

Bilinear fusion: y = signed square root and L2 norm of the sum over cells of a_i m_j (paper
section 3.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from fusionscope.explain.fusion.contributions import incoming, operator_at
from fusionscope.nets.network import Network
from fusionscope.trace import Trace


@dataclass(frozen=True)
class ChannelPair:
    """One output of a bilinear map."""

    appearance: int  # channel i
    motion: int  # channel j
    total: float  # sum over cells of a_i m_j
    value: float  # the output
    evidence: float  # for the class: gradient x activation


@torch.inference_mode()
def strongest_pairs(
    network: Network, trace: Trace, place: str, evidence: np.ndarray, chunk: int, count: int = 8
) -> list[ChannelPair]:
    """The most influential pairs of a chunk, by ``fused_evidence`` (T, C^2, 1, 1).

    Raises:
        InputError: the network does not fuse there, or its operator forms no pairs.
    """
    operator = operator_at(network, place)
    cells, motion = (maps[0, chunk].double() for maps in incoming(network, trace, place))
    totals = operator.pair_totals(cells, motion).flatten().cpu().numpy()
    scores, channels = evidence[chunk, :, 0, 0], motion.shape[0]
    return [
        ChannelPair(
            int(u) // channels,
            int(u) % channels,
            float(totals[u]),
            float(trace.fused[place][chunk, u, 0, 0]),
            float(scores[u]),
        )
        for u in np.argsort(-scores, kind="stable")[:count]
    ]


def pair_maps(
    network: Network, trace: Trace, place: str, pairs: Sequence[ChannelPair]
) -> tuple[np.ndarray, np.ndarray]:
    """(n, T, h, w) twice: the appearance and the motion map of each pair.

    Raises:
        InputError: the network does not fuse there.
    """
    cells, motion = (maps[0].cpu().numpy() for maps in incoming(network, trace, place))
    return (
        np.stack([cells[:, pair.appearance] for pair in pairs]),
        np.stack([motion[:, pair.motion] for pair in pairs]),
    )
