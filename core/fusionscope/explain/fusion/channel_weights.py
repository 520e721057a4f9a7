"""Weights of every fused channel from every input channel, and their change in training.

An operator without weights pairs fixed channels: d with d, or none yet in a concatenation. A
learned one has a weight for each fused channel and each channel of either stream; where its
initialisation is known, the change since is what training added.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from fusionscope.base.records import seal
from fusionscope.explain.fusion.contributions import incoming, operator_at
from fusionscope.nets.fusion import Fusion, build_fusion
from fusionscope.nets.fusion_init import RANDOM
from fusionscope.nets.network import Network
from fusionscope.trace import Trace


@dataclass(frozen=True, eq=False)
class Correspondence:
    """The filters of a fusion: the weight of fused channel d from channel c of either stream."""

    place: str
    operator: str
    weight: np.ndarray  # (C', 2, C): appearance, motion; the tap of the cell itself
    size: np.ndarray  # (C', 2): norm of each half of the filter, all taps
    drift: np.ndarray | None  # (C',) change since initialisation / initial norm, where known
    neighbours: int  # taps beside that of the cell itself
    learned: bool

    def __post_init__(self) -> None:
        seal(self)

    @property
    def share(self) -> np.ndarray:
        """(C',) motion's share of each fused channel's filter, 0 (appearance only) to 1."""
        return motion_share(self.size)


def motion_share(parts: np.ndarray) -> np.ndarray:
    """(C', 2) sizes of appearance's and motion's part -> (C',) motion's share, 0 to 1."""
    return parts[:, 1] / np.maximum(parts.sum(axis=1), 1e-12)


def correspondence(network: Network, place: str) -> Correspondence:
    """The filters at a place, channels in their order.

    Raises:
        InputError: the network does not fuse there, or its operator has no fixed filters.
    """
    operator = operator_at(network, place)
    taps = _taps(operator)
    drift = None
    card = network.card
    if operator.takes_start and card.start not in RANDOM and not card.units:
        start = _taps(build_fusion(operator.name, taps.shape[2], card.start))
        moved, length = (
            np.linalg.norm(part.reshape(len(part), -1), axis=1) for part in (taps - start, start)
        )
        drift = moved / np.maximum(length, 1e-12)
    size = np.linalg.norm(taps.reshape(*taps.shape[:2], -1), axis=2)
    return Correspondence(
        place,
        operator.name,
        taps[..., taps.shape[-1] // 2],
        size,
        drift,
        taps.shape[-1] - 1,
        operator.learned,
    )


@torch.inference_mode()
def contributions(network: Network, trace: Trace, place: str) -> np.ndarray:
    """(C', 2): mean size of the contributions to each fused channel on this clip.

    Raises:
        InputError: the network does not fuse there, or its operator has no contributions.
    """
    operator = operator_at(network, place)
    parts = operator.halves(*incoming(network, trace, place))
    return np.stack([part[0].abs().mean(dim=(0, 2, 3)).double().cpu().numpy() for part in parts], 1)


def _taps(operator: Fusion) -> np.ndarray:
    """(C', 2, C, taps) weights; the middle tap is that of the cell itself."""
    return operator.filters().double().cpu().flatten(3).numpy()
