"""Ledger: what each stream adds to a score, and what only both together add.

    logit = baseline + appearance + motion + synergy, exactly

from four passes: both streams, either, neither. An absent appearance is the training mean, an
absent motion is zero flow. Synergy is what remains: it is 0 where the streams only add.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.nets.network import Network, Seen
from core.nets.precision import computing, precision_of
from core.nets.trunk import trunk_of
from core.records import seal
from core.streams import STREAMS
from core.trace import Trace, absent, fed
from core.video.snippets import Snippets

BOTH, APPEARANCE, MOTION, NEITHER = range(4)

TERMS = ("baseline", "appearance", "motion", "synergy")
"""What a score is split into, in the order of ``split``."""


@dataclass(frozen=True)
class Ledger:
    """One score, split. The four terms add up to ``logit``."""

    head: str
    label: str
    logit: float
    baseline: float
    appearance: float
    motion: float
    synergy: float


@dataclass(frozen=True, eq=False)
class Passes:
    """The four passes: head -> (4, K) scores in the order both, appearance, motion, neither."""

    labels: tuple[str, ...]
    logits: Mapping[str, np.ndarray]  # ``average`` last where there is more than one head
    taught: bool = True  # as the network's card says; without it the scores say nothing

    def __post_init__(self) -> None:
        seal(self)

    def ledger(self, head: str, label: str) -> Ledger:
        """Split the score of one class at one head."""
        by_pass = self.logits[head][:, self.labels.index(label)]
        return Ledger(head, label, float(by_pass[BOTH]), *split(by_pass).tolist())

    @property
    def said(self) -> str:
        """The class that the network says."""
        return self.labels[int(self.logits[self.deciding][BOTH].argmax())]

    @property
    def deciding(self) -> str:
        """The head that decides: the average of all where there are several."""
        return list(self.logits)[-1]


def split(by_pass: np.ndarray) -> np.ndarray:
    """(4, ...) scores by pass -> (4, ...) baseline, appearance, motion, synergy: they add up."""
    both, appearance, motion, neither = by_pass
    alone, moved = appearance - neither, motion - neither
    return np.stack((neither, alone, moved, both - neither - alone - moved))


def four_passes(network: Network, snippets: Snippets) -> Passes:
    """Run both streams, either, and neither."""
    return passes_of(network, in_four(network, snippets))


def passes_of_run(network: Network, trace: Trace) -> Passes:
    """As ``four_passes``, but the towers are not run again on what a trace has their maps of."""
    return passes_of(network, in_four(network, trace.snippets, trace))


def in_four(network: Network, snippets: Snippets, trace: Trace | None = None) -> Seen:
    """Both streams, either, and neither, in one batch of four from where they meet on.

    Up to there each stream is run as it is, and one chunk of it absent: all of those are alike.

    Args:
        trace: the network's own run on these snippets, whose maps are taken instead.
    """
    rgb, flow = fed(network, snippets)
    upto = trunk_of(network)
    with torch.inference_mode():
        if not upto:
            mean, still = absent(network, rgb, flow)
            return network(torch.cat((rgb, rgb, mean, mean)), torch.cat((flow, still, flow, still)))
        there, gone = [], []
        for stream, tower, cells in zip(
            STREAMS,
            (network.spatial, network.temporal),
            network.normalised(rgb, flow),
            strict=True,
        ):
            if tower is None or cells is None:
                there.append(None)
                gone.append(None)
                continue
            with computing(precision_of(network)):
                nothing = tower.until(upto, torch.zeros_like(cells[0, :1])).float()
                if trace is None:
                    maps = tower.until(upto, cells[0]).float()
                else:
                    maps = torch.tensor(trace.maps(stream)[upto], device=cells.device)
            there.append(maps[None])
            gone.append(nothing.expand_as(maps)[None])
        (here, moves), (bare, rests) = there, gone
        return network.onward(
            batch_of(here, here, bare, bare), batch_of(moves, rests, moves, rests), after=upto
        )


def batch_of(*parts: Tensor | None) -> Tensor | None:
    """One behind the other; None of a stream that is not there."""
    there = [part for part in parts if part is not None]
    return torch.cat(there) if there else None


def passes_of(network: Network, seen: Seen) -> Passes:
    """The scores of a batch of four."""
    return Passes(
        network.card.labels,
        {head: logits.cpu().numpy().astype(float) for head, logits in seen.decisions.items()},
        network.card.taught,
    )
