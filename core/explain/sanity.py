"""Sanity: does a map depend on what the network has learned?

The method is asked again of a private copy whose weights are drawn anew, from the classifier down.
A map that hardly changes shows the clip, not the network (Adebayo et al., Sanity Checks for
Saliency Maps, NeurIPS 2018).
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from core.explain.attributions import Attribution, rank_correlation
from core.explain.bench import attribute
from core.nets.network import Network
from core.records import Progress, silent
from core.streams import COLOURS
from core.trace import Trace

CLASSIFIER, HEAD, ALL = "the classifier", "all behind the towers", "every layer"
ALIKE = 0.5
"""A rank correlation, of either sign, from which on a map is said to have hardly changed."""


@dataclass(frozen=True)
class Sanity:
    """How alike a map is when weights are drawn anew."""

    depths: tuple[str, ...]  # what is drawn anew, the classifier alone first
    alike: Mapping[str, tuple[float, ...]]  # stream -> Spearman's by depth; NaN: a flat map

    @property
    def doubtful(self) -> tuple[str, ...]:
        """Streams whose map hardly changes though every layer is another."""
        return tuple(stream for stream, row in self.alike.items() if abs(row[-1]) > ALIKE)


def depths_of(network: Network) -> tuple[str, ...]:
    """How far down the weights of a network can be drawn anew."""
    if network.spatial is None and network.temporal is None:
        return (ALL,)  # an adapted one does not tell which of its layers comes last
    return CLASSIFIER, HEAD, ALL


def sanity(
    network: Network,
    trace: Trace,
    attribution: Attribution,
    depths: Sequence[str] = (),
    progress: Progress = silent,
) -> Sanity:
    """Ask a method again of networks with fresh weights, and compare the maps by rank."""
    depths = tuple(depths) or depths_of(network)
    rows: dict[str, list[float]] = {stream: [] for stream in attribution.maps}
    for k, depth in enumerate(depths):

        def told(_: str, done: float, k: int = k) -> None:
            progress("sanity", (k + done) / len(depths))

        fresh = redrawn(network, depth)
        again = attribute(
            fresh, trace, attribution.method, attribution.target, attribution.stage, told
        )
        for stream, one in attribution.maps.items():
            rows[stream].append(rank_correlation(one, again.maps[stream]))
        progress("sanity", (k + 1) / len(depths))
    return Sanity(depths, {stream: tuple(row) for stream, row in rows.items()})


@torch.no_grad()
def redrawn(network: Network, depth: str = ALL, seed: int = 0) -> Network:
    """A private copy with weights drawn anew, each layer's with the mean and spread it had.

    So activations keep their size, and only what was learned is gone.
    """
    fresh = copy.deepcopy(network)
    dice = torch.Generator().manual_seed(seed)
    for name, weight in fresh.named_parameters():
        if weight.numel() > 1 and _within(name, depth):
            drawn = torch.randn(weight.shape, generator=dice) * weight.std().cpu()
            weight.copy_(drawn.to(weight) + weight.mean())
    return fresh


def _within(name: str, depth: str) -> bool:
    """Is a parameter among those that are drawn anew?"""
    if depth == ALL:
        return True
    stage = name.partition(".stages.")[2].partition(".")[0]
    last = ("fc8",) if depth == CLASSIFIER else ("fc6", "fc7", "fc8")
    return stage in last or (depth == HEAD and name.startswith("fusions."))


def words(found: Sanity) -> str:
    """What the check says, in a sentence."""
    told = ", ".join(
        f"{COLOURS[stream]} {row[-1]:+.2f}" if np.isfinite(row[-1]) else f"{COLOURS[stream]} none"
        for stream, row in found.alike.items()
    ).replace("-", "\N{MINUS SIGN}")
    start = f"With {found.depths[-1]} drawn anew, the rank correlation with this map is {told}"
    if found.doubtful:
        which = " and ".join(COLOURS[stream] for stream in found.doubtful)
        return (
            f"{start}: the {which} map hardly changes, so it shows the clip more than what the "
            "network has learned. Do not read it as an explanation."
        )
    return f"{start}: the map depends on what the network has learned."
