"""Deletion and insertion curves: the score while cells are removed or restored by map value.

Deletion replaces the cells with the highest values by the baseline first. Insertion starts with the
whole stream at the baseline and restores those cells first. For a faithful map the deletion curve
falls early and the insertion curve rises early (Petsiuk, Das, Saenko, RISE, BMVC 2018). The other
stream is unchanged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from fusionscope.base.records import Progress, no_progress, seal
from fusionscope.base.streams import STREAMS
from fusionscope.explain.attribution.cost import Cost, Work, cost_of, done
from fusionscope.explain.attribution.records import Attribution, StreamMap
from fusionscope.explain.target import Target
from fusionscope.nets.network import Network
from fusionscope.trace import absent_inputs, network_inputs
from fusionscope.video.snippets import Snippets

STEPS = 10


@dataclass(frozen=True, eq=False)
class DeletionCurves:
    """The score against the share of a stream's cells that is deleted or inserted."""

    shares: np.ndarray  # (n,) 0..1
    deletion: np.ndarray  # (n,) from the full score to the score without the stream
    insertion: np.ndarray  # (n,) from the score without the stream to the full score

    def __post_init__(self) -> None:
        seal(self)

    @property
    def deletion_area(self) -> float:
        """Deletion score: area under the curve; lower is better."""
        return _area(self.shares, self.deletion)

    @property
    def insertion_area(self) -> float:
        """Insertion score: area under the curve; higher is better."""
        return _area(self.shares, self.insertion)


def _area(shares: np.ndarray, scores: np.ndarray) -> float:
    from scipy.integrate import (
        trapezoid,
    )  # imported here: scipy is slow to import and rarely needed

    return float(trapezoid(scores, shares))


def deletion_curves(
    network: Network,
    snippets: Snippets,
    attribution: Attribution,
    steps: int = STEPS,
    progress: Progress = no_progress,
) -> dict[str, DeletionCurves]:
    """Compute both curves of every stream in an attribution; a fused map stands for both."""
    values = done(_work(network, snippets, attribution.maps, attribution.target, steps), progress)
    by_stream = values.double().numpy().reshape(len(attribution.maps), 2 * steps)
    shares = np.arange(steps + 1) / steps
    found = {}
    for stream, row in zip(attribution.maps, by_stream, strict=True):
        deletion, between = row[: steps + 1], row[steps + 1 :]
        insertion = np.concatenate((deletion[-1:], between, deletion[:1]))
        found[stream] = DeletionCurves(shares, deletion.copy(), insertion)
    return found


def cost_of_curves(
    network: Network, snippets: Snippets, attribution: Attribution, steps: int = STEPS
) -> Cost:
    """Estimate the cost of both curves by timing one batch."""
    return cost_of(_work(network, snippets, attribution.maps, attribution.target, steps))


def _work(
    network: Network,
    snippets: Snippets,
    maps: Mapping[str, StreamMap],
    target: Target,
    steps: int,
) -> Work:
    """Per stream: deletion from 0 to all cells, then the inner points of insertion."""
    rgb, flow = network_inputs(network, snippets)
    inputs = dict(zip(STREAMS, (rgb, flow), strict=True))
    baselines = dict(zip(STREAMS, absent_inputs(network, rgb, flow), strict=True))
    height, width = rgb.shape[-2:]
    ranks = {
        stream: torch.from_numpy(_ranks(one, height, width)).to(rgb.device)
        for stream, one in maps.items()
    }
    counts = {stream: one.cells.size for stream, one in maps.items()}
    cuts = [(stream, number) for stream in maps for number in range(2 * steps)]

    def without(stream: str, number: int) -> tuple[Tensor, Tensor]:
        part = number if number <= steps else number - steps
        first = round(counts[stream] * part / steps)
        gone = ranks[stream] < first if number <= steps else ranks[stream] >= first
        both = dict(inputs)
        for name in STREAMS if stream == "fused" else (stream,):
            both[name] = torch.where(gone[None, :, None], baselines[name], both[name])
        return both["spatial"], both["temporal"]

    def run(items: range) -> Tensor:
        pairs = [without(*cuts[item]) for item in items]
        parts = (torch.cat(side) for side in zip(*pairs, strict=True))
        return target.of(network(*parts), network.card.labels)

    return Work("curves", run, len(cuts), len(cuts))


def _ranks(one: StreamMap, height: int, width: int) -> np.ndarray:
    """(T, height, width): each pixel's cell rank; 0 is the highest value of all chunks."""
    flat = one.cells.ravel()
    rank = np.empty(flat.size, np.int64)
    rank[np.argsort(-flat, kind="stable")] = np.arange(flat.size)
    return rank.reshape(len(one.cells), -1)[:, one.owners(height, width)]
