"""Trace: everything that one run of one network on one clip made. Every view reads it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.card import Card
from core.nets.network import Network, Seen
from core.nets.precision import forward, settle
from core.records import seal
from core.streams import LANES
from core.video.clip import Clip
from core.video.snippets import Snippets, sample_snippets


@dataclass(frozen=True, eq=False)
class Trace:
    """One run, read-only. Maps are stage name -> (T, C, h, w) float32, first stage first."""

    card: Card
    clip: Clip
    flow: np.ndarray  # (N-1, 2, H, W) pixels, x then y
    snippets: Snippets
    spatial: Mapping[str, np.ndarray]  # until the first fusion
    temporal: Mapping[str, np.ndarray]
    fused: Mapping[str, np.ndarray]  # from the first fusion on; empty where there is none
    logits: Mapping[str, np.ndarray]  # head name -> (K,)
    seconds: Mapping[str, float]  # what took how long: forward
    precision: str = "float32"  # the towers' arithmetic

    def __post_init__(self) -> None:
        classes = (len(self.card.labels),)
        for head, scores in self.logits.items():
            if scores.shape != classes:
                raise ValueError(f"expected {classes} scores of head {head}, got {scores.shape}")
        if len(self.flow) != len(self.clip.frames) - 1:
            raise ValueError(
                f"expected {len(self.clip.frames) - 1} flow fields, got {len(self.flow)}"
            )
        seal(self)

    @property
    def final(self) -> np.ndarray:
        """(K,) the mean of the heads' scores before the softmax: what the network says."""
        return np.mean([*self.logits.values()], axis=0)

    def maps(self, stream: str) -> Mapping[str, np.ndarray]:
        """The stages of ``spatial``, ``temporal`` or ``fused``."""
        return {"spatial": self.spatial, "temporal": self.temporal, "fused": self.fused}[stream]


def run(network: Network, clip: Clip, flow: np.ndarray) -> Trace:
    """Feed a clip and its flow (N-1, 2, H, W) to a network and keep all that it made.

    Safe to call from many threads on one network: nothing on it is changed.
    """
    snippets = sample_snippets(clip, flow, network.card)
    parts = fed(network, snippets)
    precision = settle(network, *parts)
    begun = time.perf_counter()
    with torch.inference_mode():
        seen = forward(network, *parts, precision)
    numbers = {
        name: {stage: _array(cells) for stage, cells in getattr(seen, name).items()}
        for name in (*LANES, "logits")
    }
    seconds = {"forward": time.perf_counter() - begun}
    return Trace(
        network.card, clip, flow, snippets, **numbers, seconds=seconds, precision=precision
    )


def fed(network: Network, snippets: Snippets) -> tuple[Tensor, Tensor]:
    """Snippets as the network takes them: (1, T, 3, H, W) and (1, T, 2L, H, W) on its device."""
    where = network.rgb_mean.device
    rgb, flow = (
        torch.tensor(part, dtype=torch.float32)[None] for part in (snippets.rgb, snippets.flow)
    )
    return rgb.to(where), flow.to(where)


def absent(network: Network, rgb: Tensor, flow: Tensor) -> tuple[Tensor, Tensor]:
    """What stands for either input where it is absent, as large: the training mean, no motion."""
    return network.rgb_mean.expand_as(rgb), torch.full_like(flow, network.card.flow_mean)


def scores(seen: Seen, head: str) -> Tensor:
    """(B, K) scores of a head, or of ``average``, the mean of them all."""
    return seen.final if head == "average" else seen.logits[head]


def _array(cells: Tensor) -> np.ndarray:
    return np.ascontiguousarray(cells[0].float().cpu().numpy())
