"""Shapley: a score shared out among the chunks of a stream, or between the two streams.

A player's share is what it adds, averaged over all orders in which the players may come in. The
shares add up to the score less what it is when all players are absent.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from math import factorial

import numpy as np
import torch
from torch import Tensor

from core.explain.absence import ABSENT, absence
from core.explain.cost import Cost, Work, cost_of, done
from core.explain.ledger import Passes, split
from core.explain.target import Target
from core.nets.network import Network
from core.records import InputError, Progress, seal, silent
from core.video.snippets import Snippets

MOST = 12  # chunks: 4,096 coalitions


@dataclass(frozen=True, eq=False)
class FrameShapley:
    """What each chunk of a stream brings to a score: empty + the sum of shares = score."""

    stream: str
    target: Target
    shares: np.ndarray  # (T,) signed, in units of the score
    score: float  # of the clip as it is
    empty: float  # of the clip with the stream absent in every chunk
    baseline: str  # what an absent chunk is
    seconds: float

    def __post_init__(self) -> None:
        seal(self)


@dataclass(frozen=True)
class StreamShapley:
    """What either stream brings to a score: empty + appearance + motion = score."""

    target: Target
    appearance: float
    motion: float
    score: float
    empty: float  # with both streams absent


def stream_shapley(passes: Passes, target: Target) -> StreamShapley:
    """Share a score out between the streams: each takes half of what only both together add."""
    by_pass = target.lead(passes.logits[target.head], passes.labels)
    empty, appearance, motion, synergy = split(by_pass).tolist()
    return StreamShapley(
        target, appearance + synergy / 2, motion + synergy / 2, float(by_pass[0]), empty
    )


def frame_shapley(
    network: Network,
    snippets: Snippets,
    target: Target,
    stream: str,
    progress: Progress = silent,
) -> FrameShapley:
    """Share a score out among the chunks of a stream, exactly, over all 2^T coalitions.

    Raises:
        InputError: the network lacks that stream, or the clip has too many chunks.
    """
    begun = time.perf_counter()
    values = done(_work(network, snippets, target, stream), progress).double().numpy()
    seconds = time.perf_counter() - begun
    score, empty = float(values[-1]), float(values[0])
    return FrameShapley(stream, target, shapley(values), score, empty, ABSENT[stream], seconds)


def cost_of_frame_shapley(
    network: Network, snippets: Snippets, target: Target, stream: str
) -> Cost:
    """What ``frame_shapley`` will take, asked the same way. Works on one batch to know.

    Raises:
        InputError: as ``frame_shapley``.
    """
    return cost_of(_work(network, snippets, target, stream))


def shapley(values: np.ndarray) -> np.ndarray:
    """(2^T,) what every coalition is worth -> (T,) the players' shares.

    Player t is in coalition number S where bit t of S is set.
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
            f"the clip has {chunks} chunks, and {2**chunks:,} coalitions of them; "
            f"needed: at most {MOST} chunks"
        )
    clip = absence(network, snippets, target, stream)
    bits = torch.arange(chunks)

    def run(coalitions: range) -> Tensor:
        return clip.of_chunks((torch.tensor(coalitions)[:, None] >> bits & 1).bool())

    return Work("Shapley", run, 2**chunks, 2**chunks)
