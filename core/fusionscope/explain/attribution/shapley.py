"""Shapley values: a score divided among the chunks of a stream.

A player's value is what it adds to the score, averaged over all orders of adding the players. The
values add up to the score minus the score with all players absent.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from math import factorial

import numpy as np
import torch
from torch import Tensor

from fusionscope.base.records import InputError, Progress, no_progress, seal
from fusionscope.explain.attribution.absence import ABSENT, absence
from fusionscope.explain.attribution.cost import Cost, Work, cost_of, done
from fusionscope.explain.target import Target
from fusionscope.nets.network import Network
from fusionscope.video.snippets import Snippets

MOST = 12  # chunks: 4,096 coalitions


@dataclass(frozen=True, eq=False)
class FrameShapley:
    """The contribution of each chunk of a stream: empty + sum of shares = score."""

    stream: str
    target: Target
    shares: np.ndarray  # (T,) signed, in units of the score
    score: float  # of the unchanged clip
    empty: float  # of the clip with the stream absent in every chunk
    baseline: str  # what replaces an absent chunk
    seconds: float

    def __post_init__(self) -> None:
        seal(self)


def frame_shapley(
    network: Network,
    snippets: Snippets,
    target: Target,
    stream: str,
    progress: Progress = no_progress,
) -> FrameShapley:
    """Compute exact Shapley values of the chunks of a stream over all 2^T coalitions.

    Raises:
        InputError: the network has no such stream, or the clip has too many chunks.
    """
    begun = time.perf_counter()
    values = done(_work(network, snippets, target, stream), progress).double().numpy()
    seconds = time.perf_counter() - begun
    score, empty = float(values[-1]), float(values[0])
    return FrameShapley(stream, target, shapley(values), score, empty, ABSENT[stream], seconds)


def cost_of_frame_shapley(
    network: Network, snippets: Snippets, target: Target, stream: str
) -> Cost:
    """Estimate the cost of ``frame_shapley`` for the same arguments by timing one batch.

    Raises:
        InputError: as ``frame_shapley``.
    """
    return cost_of(_work(network, snippets, target, stream))


def shapley(values: np.ndarray) -> np.ndarray:
    """(2^T,) value of every coalition -> (T,) Shapley values of the players.

    Player t belongs to coalition S if bit t of S is set.
    """
    players = (len(values) - 1).bit_length()
    coalitions = np.arange(len(values))
    size = ((coalitions[:, None] >> np.arange(players)) & 1).sum(axis=1)
    orders = [
        factorial(s) * factorial(players - s - 1) / factorial(players) for s in range(players)
    ]
    shares = np.zeros(players)
    for player in range(players):
        without = coalitions[coalitions >> player & 1 == 0]
        added = values[without | 1 << player] - values[without]
        shares[player] = (np.array(orders)[size[without]] * added).sum()
    return shares


def _work(network: Network, snippets: Snippets, target: Target, stream: str) -> Work:
    chunks = len(snippets.rgb)
    if chunks > MOST:
        raise InputError(
            f"the clip has {chunks} chunks, so {2**chunks:,} coalitions; "
            f"needed: at most {MOST} chunks"
        )
    clip = absence(network, snippets, target, stream)
    bits = torch.arange(chunks)

    def run(coalitions: range) -> Tensor:
        return clip.of_chunks((torch.tensor(coalitions)[:, None] >> bits & 1).bool())

    return Work("Shapley", run, 2**chunks, 2**chunks)
