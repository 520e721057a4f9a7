"""Correspondence: which channels of appearance and of motion a fusion brings together.

An operator without weights has a fixed one: channel d meets channel d, or, concatenated, none yet.
A learned one has a weight for every pair of a fused channel and a channel of either stream; where
its start is known, how far it has drifted from there is what it learned.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.explain.meeting import halves, incoming, operator_at
from core.nets.fusion import Bilinear, Concatenation, Conv, Conv3d, Fusion, build_fusion
from core.nets.network import Network
from core.nets.starts import RANDOM
from core.records import InputError, seal
from core.trace import Trace


@dataclass(frozen=True, eq=False)
class Correspondence:
    """The filters of a fusion: what goes into fused channel d from channel c of either stream."""

    place: str
    operator: str
    weight: np.ndarray  # (C', 2, C): appearance, motion; of a 3-D filter the tap of the cell itself
    size: np.ndarray  # (C', 2): length of each half of the filter, all taps
    drift: np.ndarray | None  # (C',) distance from the start in parts of its length, if it is known

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
        InputError: the network does not fuse there, or pairs every channel with every other.
    """
    operator = operator_at(network, place)
    taps = _taps(operator)
    drift = None
    if isinstance(operator, Conv | Conv3d) and network.card.start not in RANDOM:
        kind = "conv3d" if isinstance(operator, Conv3d) else "conv"
        start = _taps(build_fusion(kind, taps.shape[2], network.card.start))
        moved, length = (
            np.linalg.norm(part.reshape(len(part), -1), axis=1) for part in (taps - start, start)
        )
        drift = moved / np.maximum(length, 1e-12)
    size = np.linalg.norm(taps.reshape(*taps.shape[:2], -1), axis=2)
    return Correspondence(
        place, type(operator).__name__, taps[..., taps.shape[-1] // 2], size, drift
    )


@torch.inference_mode()
def contributions(network: Network, trace: Trace, place: str) -> np.ndarray:
    """(C', 2): mean size of what appearance and motion give to each fused channel on this clip.

    Raises:
        InputError: the network does not fuse there, or its fusion keeps no channels apart.
    """
    operator = operator_at(network, place)
    _refuse_pairs(operator)
    parts = halves(operator, *incoming(network, trace, place))
    return np.stack([part[0].abs().mean(dim=(0, 2, 3)).double().cpu().numpy() for part in parts], 1)


def _taps(operator: Fusion) -> np.ndarray:
    """(C', 2, C, taps) weights; the middle tap is that of the cell itself."""
    _refuse_pairs(operator)
    if isinstance(operator, Conv | Conv3d):
        weight: Tensor = operator.mix.weight.detach().double().cpu()
        return weight.unflatten(1, (2, -1)).flatten(3).numpy()
    count = operator.out_channels
    if isinstance(operator, Concatenation):
        streams = [np.eye(count, count // 2, k=shift) for shift in (0, -(count // 2))]
    else:
        streams = [np.eye(count)] * 2
    return np.stack(streams, axis=1)[..., None]


def _refuse_pairs(operator: Fusion) -> None:
    if isinstance(operator, Bilinear):
        raise InputError("bilinear fusion pairs every channel with every other; it has no filters")
