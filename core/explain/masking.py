"""Masking: whether a score rests where a map says: cells are taken out, or put in, by their rank.

Deletion: the cells that a map holds highest become the baseline first. Insertion: all of the stream
is at the baseline, and those cells come back first. A map that tells the truth makes deletion fall
soon and insertion rise soon (Petsiuk, Das, Saenko, RISE, BMVC 2018). The other stream stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.explain.attributions import Attribution, StreamMap
from core.explain.cost import Cost, Work, cost_of, done
from core.explain.target import Target
from core.nets.network import Network
from core.records import Progress, seal, silent
from core.streams import STREAMS
from core.trace import absent, fed
from core.video.snippets import Snippets

STEPS = 10


@dataclass(frozen=True, eq=False)
class Curves:
    """The score against the share of a stream's cells that is taken out, or put in."""

    shares: np.ndarray  # (n,) 0..1
    deletion: np.ndarray  # (n,) from the score to what it is without the stream
    insertion: np.ndarray  # (n,) and back

    def __post_init__(self) -> None:
        seal(self)

    @property
    def deletion_area(self) -> float:
        """The mean score while cells go: the lower the better."""
        return _area(self.shares, self.deletion)

    @property
    def insertion_area(self) -> float:
        """The mean score while cells come: the higher the better."""
        return _area(self.shares, self.insertion)


def _area(shares: np.ndarray, scores: np.ndarray) -> float:
    from scipy.integrate import trapezoid  # here: few ask for areas, and scipy takes its time

    return float(trapezoid(scores, shares))


def curves(
    network: Network,
    snippets: Snippets,
    attribution: Attribution,
    steps: int = STEPS,
    progress: Progress = silent,
) -> dict[str, Curves]:
    """Both curves of every stream that a method speaks of; of a fused map, of both together."""
    values = done(_work(network, snippets, attribution.maps, attribution.target, steps), progress)
    by_stream = values.double().numpy().reshape(len(attribution.maps), 2 * steps)
    shares = np.arange(steps + 1) / steps
    found = {}
    for stream, row in zip(attribution.maps, by_stream, strict=True):
        deletion, between = row[: steps + 1], row[steps + 1 :]
        insertion = np.concatenate((deletion[-1:], between, deletion[:1]))
        found[stream] = Curves(shares, deletion.copy(), insertion)
    return found


def cost_of_curves(
    network: Network, snippets: Snippets, attribution: Attribution, steps: int = STEPS
) -> Cost:
    """What they will take. Works on one batch to know."""
    return cost_of(_work(network, snippets, attribution.maps, attribution.target, steps))


def _work(
    network: Network,
    snippets: Snippets,
    maps: Mapping[str, StreamMap],
    target: Target,
    steps: int,
) -> Work:
    """Of each stream: deletion from nothing to all, then insertion between its ends."""
    rgb, flow = fed(network, snippets)
    inputs = dict(zip(STREAMS, (rgb, flow), strict=True))
    baselines = dict(zip(STREAMS, absent(network, rgb, flow), strict=True))
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
    """(T, height, width): the rank of the cell of each pixel, 0 the highest of all chunks."""
    flat = one.cells.ravel()
    rank = np.empty(flat.size, np.int64)
    rank[np.argsort(-flat, kind="stable")] = np.arange(flat.size)
    return rank.reshape(len(one.cells), -1)[:, one.owners(height, width)]
