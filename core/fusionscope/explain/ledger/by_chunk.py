"""Ledger by chunk: how much of each term of a score each chunk contributes.

If the network averages scores over chunks, each chunk has a ledger of its own and the clip's ledger
is their mean: ``averaged``. If the network pools features over chunks, each term is divided among
the chunks by Shapley values, ``shared``: the players are the chunks, and the value of a coalition
is that term with the other chunks absent. Either way the chunks' appearance, motion and synergy add
up to the clip's.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from fusionscope.base.records import InputError, Progress, no_progress, seal
from fusionscope.explain.attribution.cost import Cost, Work, cost_of, done
from fusionscope.explain.attribution.shapley import shapley
from fusionscope.explain.ledger.ledger import Passes, in_four, split
from fusionscope.explain.target import Target
from fusionscope.nets.network import Network, Seen
from fusionscope.trace import absent_inputs, network_inputs
from fusionscope.video.snippets import Snippets

MOST = 8  # chunks: 3 x 2^T coalitions are evaluated


@dataclass(frozen=True, eq=False)
class ChunkLedger:
    """The four terms of a score, of the clip and of each chunk."""

    target: Target
    way: str  # averaged, shared
    terms: np.ndarray  # (4,) of the clip, in the order of ``TERMS``: they add up to the score
    by_chunk: np.ndarray  # (T, 4); ``shared`` has no baseline per chunk
    seconds: float

    def __post_init__(self) -> None:
        seal(self)


def chunk_ledger(
    network: Network, snippets: Snippets, target: Target, progress: Progress = no_progress
) -> ChunkLedger:
    """Split a score by stream and by chunk.

    Raises:
        InputError: the network pools features over too many chunks.
    """
    begun = time.perf_counter()
    found = averaged_ledger(network, snippets, target)
    if found is not None:
        return found
    work = _coalitions(network, snippets, target)
    games = done(work, progress).double().numpy().reshape(3, -1)
    appearance, motion, both = (shapley(values) for values in games)
    by_chunk = np.stack(
        (np.zeros_like(both), appearance, motion, both - appearance - motion), axis=1
    )
    of_clip = split(np.array([games[2, -1], games[0, -1], games[1, -1], games[2, 0]]))
    return ChunkLedger(target, "shared", of_clip, by_chunk, time.perf_counter() - begun)


def clip_terms(passes: Passes, target: Target) -> np.ndarray:
    """(4,) the terms of the clip's score, in the order of ``TERMS``: they add up to it."""
    return split(target.lead(passes.logits[target.head], passes.labels))


def averaged_ledger(network: Network, snippets: Snippets, target: Target) -> ChunkLedger | None:
    """The ledgers of the chunks; None if the network does not average scores over chunks."""
    begun = time.perf_counter()
    seen = in_four(network, snippets)
    heads = [*seen.logits] if target.head == "average" else [target.head]
    found = [_by_chunk(seen, head, len(snippets.frames)) for head in heads]
    if any(one is None for one in found):
        return None
    scores = torch.stack([one for one in found if one is not None]).mean(dim=0)  # (4, T, K)
    of_target = target.lead(scores, network.card.labels).double().cpu().numpy()  # (4, T)
    by_chunk = split(of_target).T / of_target.shape[1]
    return ChunkLedger(
        target, "averaged", by_chunk.sum(axis=0), by_chunk, time.perf_counter() - begun
    )


def cost_of_chunk_ledger(network: Network, snippets: Snippets, target: Target) -> Cost:
    """Estimate the cost of the Shapley values by timing one batch.

    Raises:
        InputError: as ``chunk_ledger``.
    """
    return cost_of(_coalitions(network, snippets, target))


def _by_chunk(seen: Seen, head: str, chunks: int) -> Tensor | None:
    """(4, T, K) scores of each chunk, if the head's score is their mean; else None."""
    maps = {"spatial": seen.spatial, "temporal": seen.temporal, "spatiotemporal": seen.fused}
    cells = maps.get(head, {}).get("fc8")
    if cells is None or cells.shape[1] != chunks:
        return None
    scores = cells.mean(dim=(3, 4))
    return scores if torch.allclose(scores.mean(dim=1), seen.logits[head], atol=1e-3) else None


def _coalitions(network: Network, snippets: Snippets, target: Target) -> Work:
    """Coalitions of chunks of appearance alone, of motion alone, and of both at once."""
    chunks = len(snippets.frames)
    if chunks > MOST:
        raise InputError(
            f"the network pools features over {chunks} chunks: {3 * 2**chunks:,} forward passes; "
            f"a ledger by chunk needs at most {MOST} chunks"
        )
    rgb, flow = network_inputs(network, snippets)
    mean, still = absent_inputs(network, rgb, flow)
    bits, count = torch.arange(chunks), 2**chunks

    def run(items: range) -> Tensor:
        numbers = torch.tensor(items)
        there = (numbers[:, None] % count >> bits & 1).bool()  # (B, T)
        game = numbers // count
        seen_rgb = (there & (game != 1)[:, None])[:, :, None, None, None].to(rgb.device)
        seen_flow = (there & (game != 0)[:, None])[:, :, None, None, None].to(rgb.device)
        found = network(torch.where(seen_rgb, rgb, mean), torch.where(seen_flow, flow, still))
        return target.of(found, network.card.labels)

    return Work("chunks", run, 3 * count, 3 * count)
