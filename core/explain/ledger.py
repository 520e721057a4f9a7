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

from core.nets.network import Network, Seen
from core.records import seal
from core.trace import absent, fed
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


def in_four(network: Network, snippets: Snippets) -> Seen:
    """Both streams, either, and neither, in one batch of four."""
    rgb, flow = fed(network, snippets)
    mean, still = absent(network, rgb, flow)
    with torch.inference_mode():
        return network(torch.cat((rgb, rgb, mean, mean)), torch.cat((flow, still, flow, still)))


def passes_of(network: Network, seen: Seen) -> Passes:
    """The scores of a batch of four."""
    return Passes(
        network.card.labels,
        {head: logits.cpu().numpy().astype(float) for head, logits in seen.decisions.items()},
        network.card.taught,
    )
