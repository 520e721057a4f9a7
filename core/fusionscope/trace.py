"""Trace: all inputs, maps and outputs of one run of a network on a clip."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fusionscope.base.records import seal
from fusionscope.base.streams import LANES
from fusionscope.card import Card
from fusionscope.video.clip import Clip
from fusionscope.video.flow.methods import dense_flow
from fusionscope.video.snippets import Snippets, sample_snippets

if TYPE_CHECKING:
    from torch import Tensor

    from fusionscope.nets.network import Network, Seen


@dataclass(frozen=True, eq=False, repr=False)
class Trace:
    """One run, read-only. Maps: stage name -> (T, C, h, w) float32, first stage first."""

    card: Card
    clip: Clip
    flow: np.ndarray  # (N-1, 2, H, W) pixels, x then y
    snippets: Snippets
    spatial: Mapping[str, np.ndarray]  # up to the first fusion
    temporal: Mapping[str, np.ndarray]
    fused: Mapping[str, np.ndarray]  # from the first fusion on; empty without fusion
    logits: Mapping[str, np.ndarray]  # head name -> (K,)
    seconds: Mapping[str, float]  # computing time by step: forward
    precision: str = "float32"  # of the towers

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

    def __repr__(self) -> str:
        return f"<Trace of {self.clip.name or 'a clip'} through {self.card.name}>"

    @property
    def final(self) -> np.ndarray:
        """Scores of the final prediction, (K,): the mean over heads, before the softmax."""
        return np.mean([*self.logits.values()], axis=0)

    def maps(self, stream: str) -> Mapping[str, np.ndarray]:
        """The stages of ``spatial``, ``temporal`` or ``fused``."""
        return {"spatial": self.spatial, "temporal": self.temporal, "fused": self.fused}[stream]


def run(
    network: Network, clip: Clip, flow: np.ndarray | None = None, precision: str | None = None
) -> Trace:
    """Run a network on a clip and its flow (N-1, 2, H, W), and record everything.

    Thread-safe: the network is not changed.

    Args:
        flow: pixels, x then y; None: computed by the method used in training.
        precision: of the towers, ``float32`` or ``bfloat16``; None: the better one, which takes
            some passes to find out.

    Raises:
        InputError: the clip is too short for the network.
    """
    import torch

    from fusionscope.nets.precision import choose_precision, forward

    if flow is None:
        flow = dense_flow(clip, network.card.flow)
    snippets = sample_snippets(clip, flow, network.card)
    parts = network_inputs(network, snippets)
    precision = precision or choose_precision(network, *parts)
    started = time.perf_counter()
    with torch.inference_mode():
        seen = forward(network, *parts, precision)
    numbers = {
        name: {stage: _array(cells) for stage, cells in getattr(seen, name).items()}
        for name in (*LANES, "logits")
    }
    seconds = {"forward": time.perf_counter() - started}
    return Trace(
        network.card, clip, flow, snippets, **numbers, seconds=seconds, precision=precision
    )


def network_inputs(network: Network, snippets: Snippets) -> tuple[Tensor, Tensor]:
    """Convert snippets to tensors (1, T, 3, H, W) and (1, T, 2L, H, W) on the network's device."""
    import torch

    where = network.rgb_mean.device
    rgb, flow = (
        torch.tensor(part, dtype=torch.float32)[None] for part in (snippets.rgb, snippets.flow)
    )
    return rgb.to(where), flow.to(where)


def absent_inputs(network: Network, rgb: Tensor, flow: Tensor) -> tuple[Tensor, Tensor]:
    """Replacements for absent inputs, of the same shapes: the training mean, and zero flow."""
    import torch

    return network.rgb_mean.expand_as(rgb), torch.full_like(flow, network.card.flow_mean)


def scores(seen: Seen, head: str) -> Tensor:
    """Scores (B, K) of a head, or of ``average``, the mean over all heads."""
    return seen.final if head == "average" else seen.logits[head]


def _array(cells: Tensor) -> np.ndarray:
    return np.ascontiguousarray(cells[0].float().cpu().numpy())
