"""Weight randomisation: does a map depend on what the network has learned?

The method runs again on a private copy with randomised weights, from the classifier down. A map
that hardly changes shows the clip, not the network (Adebayo et al., Sanity Checks for Saliency
Maps, NeurIPS 2018).
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from fusionscope.base.numbers import listed, sentence_of, signed
from fusionscope.base.records import Progress, no_progress
from fusionscope.base.streams import COLOURS
from fusionscope.explain.attribution.attribute import attribute
from fusionscope.explain.attribution.records import Attribution, rank_correlation
from fusionscope.nets.network import Network
from fusionscope.trace import Trace

CLASSIFIER, HEAD, ALL = "the classifier", "all weights after the towers", "all weights"
ALIKE = 0.5
"""A map has hardly changed if the absolute rank correlation exceeds this."""


@dataclass(frozen=True)
class WeightRandomisation:
    """Rank correlation of a map with the map of a network with randomised weights."""

    depths: tuple[str, ...]  # what is randomised, the classifier alone first
    alike: Mapping[
        str, tuple[float, ...]
    ]  # stream -> Spearman correlation by depth; NaN for a constant map

    @property
    def doubtful(self) -> tuple[str, ...]:
        """Streams whose map hardly changes although all weights are randomised."""
        return tuple(stream for stream, row in self.alike.items() if abs(round(row[-1], 2)) > ALIKE)


def depths_of(network: Network) -> tuple[str, ...]:
    """The depths down to which a network's weights can be randomised."""
    if network.spatial is None and network.temporal is None:
        return (ALL,)  # an adapted network does not name its layers
    return CLASSIFIER, HEAD, ALL


def randomise_weights(
    network: Network,
    trace: Trace,
    attribution: Attribution,
    depths: Sequence[str] = (),
    progress: Progress = no_progress,
) -> WeightRandomisation:
    """Run a method on networks with randomised weights and compare the maps by rank."""
    depths = tuple(depths) or depths_of(network)
    rows: dict[str, list[float]] = {stream: [] for stream in attribution.maps}
    for k, depth in enumerate(depths):

        def report(_: str, done: float, k: int = k) -> None:
            progress("sanity", (k + done) / len(depths))

        fresh = with_random_weights(network, depth)
        again = attribute(
            fresh, trace, attribution.method, attribution.target, attribution.stage, report
        )
        for stream, one in attribution.maps.items():
            rows[stream].append(rank_correlation(one, again.maps[stream]))
        progress("sanity", (k + 1) / len(depths))
    return WeightRandomisation(depths, {stream: tuple(row) for stream, row in rows.items()})


@torch.no_grad()
def with_random_weights(network: Network, depth: str = ALL, seed: int = 0) -> Network:
    """A private copy with random weights of the same mean and deviation in each layer.

    Activations keep their scale; only what was learned is removed.
    """
    fresh = copy.deepcopy(network)
    dice = torch.Generator().manual_seed(seed)
    for name, weight in fresh.named_parameters():
        if weight.numel() > 1 and _within(name, depth):
            drawn = torch.randn(weight.shape, generator=dice) * weight.std().cpu()
            weight.copy_(drawn.to(weight) + weight.mean())
    return fresh


def _within(name: str, depth: str) -> bool:
    """Whether a parameter is randomised at this depth."""
    if depth == ALL:
        return True
    stage = name.partition(".stages.")[2].partition(".")[0]
    last = ("fc8",) if depth == CLASSIFIER else ("fc6", "fc7", "fc8")
    return stage in last or (depth == HEAD and name.startswith("fusions."))


def words(found: WeightRandomisation) -> str:
    """The result of the check in one sentence; nothing follows from an undefined correlation."""
    known = {stream: row[-1] for stream, row in found.alike.items() if np.isfinite(row[-1])}
    flat = [COLOURS[stream] for stream in found.alike if stream not in known]
    parts = []
    if known:
        correlations = listed(
            [f"{COLOURS[stream]} {signed(value, 2)}" for stream, value in known.items()]
        )
        parts.append(
            f"With {found.depths[-1]} randomised, the rank correlation with this map is "
            f"{correlations}"
        )
    if flat:
        parts.append(
            f"the correlation of {listed(flat)} is undefined, because a map is constant: the check "
            "shows nothing there"
        )
    doubtful = [COLOURS[stream] for stream in found.doubtful]
    trusted = [COLOURS[stream] for stream in known if stream not in found.doubtful]
    verdicts = []
    if doubtful:
        verdicts.append(
            f"The {listed(doubtful)} map hardly changes, so it depends on the clip more than on "
            "what the network has learned. Do not use it as an explanation."
        )
    if trusted:
        verdicts.append(f"The {listed(trusted)} map depends on what the network has learned.")
    return " ".join([sentence_of("; ".join(parts)), *verdicts])
