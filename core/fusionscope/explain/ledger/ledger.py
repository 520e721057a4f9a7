"""Ledger: what each stream adds to a score, and what only their interaction adds.

    logit = baseline + appearance + motion + synergy, exactly

from four forward passes: both streams, appearance only, motion only, neither. Absent appearance is
the training mean, absent motion is zero flow. Synergy is the interaction of the two streams: the
remainder, which is 0 if their effects only add.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fusionscope.base.records import seal
from fusionscope.base.streams import STREAMS
from fusionscope.trace import Trace, absent_inputs, network_inputs
from fusionscope.video.snippets import Snippets

if TYPE_CHECKING:
    from torch import Tensor

    from fusionscope.nets.network import Network, Seen

BOTH, APPEARANCE, MOTION, NEITHER = range(4)

TERMS: tuple[str, ...] = ("baseline", "appearance", "motion", "synergy")
"""The terms of a score, in the order of ``split``."""


@dataclass(frozen=True)
class Ledger:
    """One score and its four terms, which add up to ``logit``."""

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
    taught: bool = True  # False for an untrained classifier: its scores have no meaning
    streams: tuple[str, ...] = STREAMS  # those that the network uses
    guesses: tuple[str, ...] = ()  # heads that are no better than chance on test clips

    def __post_init__(self) -> None:
        seal(self)

    def ledger(self, head: str, label: str) -> Ledger:
        """Split the score of one class at one head."""
        by_pass = self.logits[head][:, self.labels.index(label)]
        return Ledger(head, label, float(by_pass[BOTH]), *split(by_pass).tolist())

    @property
    def said(self) -> str:
        """The predicted class."""
        return self.labels[int(self.logits[self.deciding][BOTH].argmax())]

    @property
    def deciding(self) -> str:
        """The head of the final prediction: the average if there are several heads."""
        return list(self.logits)[-1]


def split(by_pass: np.ndarray) -> np.ndarray:
    """(4, ...) scores by pass -> (4, ...) baseline, appearance, motion, synergy: they add up."""
    both, appearance, motion, neither = by_pass
    alone, moved = appearance - neither, motion - neither
    return np.stack((neither, alone, moved, both - neither - alone - moved))


def four_passes(network: Network, snippets: Snippets) -> Passes:
    """Run the network with both streams, with either one, and with neither."""
    return passes_of(network, in_four(network, snippets))


def passes_of_run(network: Network, trace: Trace) -> Passes:
    """Like ``four_passes``, reusing the tower maps that the trace holds."""
    return passes_of(network, in_four(network, trace.snippets, trace))


def in_four(network: Network, snippets: Snippets, trace: Trace | None = None) -> Seen:
    """Run the four combinations as one batch of four from the end of the towers on.

    Each tower runs on the clip and on one absent chunk only: absent chunks are all equal.

    Args:
        trace: the network's run on these snippets; its tower maps are reused.
    """
    import torch

    from fusionscope.nets.precision import computing, precision_of
    from fusionscope.nets.shared_stages import trunk_of

    rgb, flow = network_inputs(network, snippets)
    upto = trunk_of(network)
    with torch.inference_mode():
        if not upto:
            mean, still = absent_inputs(network, rgb, flow)
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
    """Concatenate along the batch; None if the network has no such stream."""
    import torch

    there = [part for part in parts if part is not None]
    return torch.cat(there) if there else None


def passes_of(network: Network, seen: Seen) -> Passes:
    """The scores of the four combinations."""
    return Passes(
        network.card.labels,
        {head: logits.cpu().numpy().astype(float) for head, logits in seen.decisions.items()},
        network.card.taught,
        network.card.streams or STREAMS,  # an adapter's card may name no towers
        network.card.guesses,
    )
