"""Pairs: what a bilinear fusion makes of a chunk: every channel of appearance with every of motion.

y = signed square root and L2 norm of sum over cells of a_i m_j (paper section 3.1)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from core.explain.meeting import incoming
from core.nets.network import Network
from core.trace import Trace


@dataclass(frozen=True)
class Pair:
    """One number of a bilinear map."""

    appearance: int  # channel i
    motion: int  # channel j
    total: float  # sum over cells of a_i m_j
    value: float  # as it goes on
    evidence: float  # what it speaks for the class


@torch.inference_mode()
def strongest_pairs(
    network: Network, trace: Trace, place: str, evidence: np.ndarray, chunk: int, count: int = 8
) -> list[Pair]:
    """The pairs of a chunk that speak most for a class, by ``fused_evidence`` (T, C^2, 1, 1)."""
    cells, motion = (maps[0, chunk].double() for maps in incoming(network, trace, place))
    totals = torch.einsum("chw,dhw->cd", cells, motion).flatten().cpu().numpy()
    spoken, channels = evidence[chunk, :, 0, 0], motion.shape[0]
    return [
        Pair(
            int(u) // channels,
            int(u) % channels,
            float(totals[u]),
            float(trace.fused[place][chunk, u, 0, 0]),
            float(spoken[u]),
        )
        for u in np.argsort(-spoken, kind="stable")[:count]
    ]
