"""Gradients: integrated gradients and SmoothGrad of both inputs at once, through Captum.

Captum is given a plain function of (rgb, flow): it hooks nothing. Maps are of the inputs, summed
over channels. Absent appearance is the training mean, absent motion is no motion.
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from functools import cache
from heapq import heappop, heappush
from typing import cast

import numpy as np
import torch
from torch import Tensor

from fusionscope.base.records import Progress, no_progress
from fusionscope.explain.target import Target
from fusionscope.nets.network import Network
from fusionscope.trace import absent_inputs, network_inputs
from fusionscope.video.snippets import Snippets

Inputs = tuple[Tensor, Tensor]  # rgb, flow
_Piece = tuple[float, float, float, float, np.ndarray, np.ndarray]  # -|gap|, ends, gap, maps

NODES = 4  # gradients per piece of the path
PIECES = 8  # of the path at the start
MOST = 1280  # gradients; then no more pieces are halved
CLOSE = 0.01  # target gap, relative to the change of the score
SAMPLES = 25  # noisy copies, as recommended by Smilkov et al.
NOISE = 0.15  # standard deviation, relative to the range of a stream's values

_ROOM = 512 * 2**20  # bytes of maps kept for the gradients of one batch
KEPT = 4  # memory of a backward pass, in units of the stages' maps: measured on every tower
_dice = threading.Lock()  # torch has one random generator for all threads


@dataclass(frozen=True, eq=False)
class PathGradients:
    """Maps of both inputs, summed over channels, and the change they should add up to."""

    rgb: np.ndarray  # (T, H, W)
    flow: np.ndarray  # (T, H, W)
    score: float
    change: float  # the score minus the score of the baseline
    passes: int  # number of gradients

    @property
    def gap(self) -> float:
        """Completeness gap: the sum of the maps minus the change."""
        return float(self.rgb.sum() + self.flow.sum()) - self.change


def integrated_gradients(
    network: Network, snippets: Snippets, target: Target, progress: Progress = no_progress
) -> PathGradients:
    """(x - x') times the mean gradient along the straight path from the baseline x' to x.

    The path is cut into pieces, shorter near the baseline, where the score is most non-linear. The
    piece with the largest gap is halved and recomputed until the sum of the gaps and their
    root sum of squares are both small. Sundararajan et al. 2017.
    """
    from captum.attr import IntegratedGradients  # imported here: it imports matplotlib

    ask = _Asked(network, snippets, target)
    captum = IntegratedGradients(ask.score)

    @cache
    def value(at: float) -> float:
        with torch.no_grad():
            return float(ask.score(*ask.between(at**2)))

    pieces: list[_Piece] = []
    passes = 0

    def add(first: float, last: float) -> None:  # square roots of positions on the path
        nonlocal passes
        found = captum.attribute(
            ask.between(last**2),
            ask.between(first**2),
            n_steps=NODES,
            internal_batch_size=ask.rows,
        )
        rgb, flow = (_over_channels(part) for part in found)
        gap = float(rgb.sum() + flow.sum()) - value(last) + value(first)
        passes += NODES
        heappush(pieces, (-abs(gap), first, last, gap, rgb, flow))

    change = value(1.0) - value(0.0)
    close, done = CLOSE * abs(change) / 2, 0.5
    for k in range(PIECES):
        add(k / PIECES, (k + 1) / PIECES)
        progress("gradients", (k + 1) / (2 * PIECES))
    while passes < MOST:
        gaps = [gap for _, _, _, gap, _, _ in pieces]
        if abs(sum(gaps)) <= close and math.hypot(*gaps) <= 2 * close:
            break
        _, first, last, *_ = heappop(pieces)
        add(first, (first + last) / 2)
        add((first + last) / 2, last)
        near = close / max(close, abs(sum(gaps)), math.hypot(*gaps) / 2)
        done = max(done, (1 + max(near, passes / MOST)) / 2)
        progress("gradients", done)
    rgb, flow = (sum(piece[k] for piece in pieces) for k in (4, 5))
    return PathGradients(np.asarray(rgb), np.asarray(flow), value(1.0), change, passes)


def smooth_grad(
    network: Network,
    snippets: Snippets,
    target: Target,
    progress: Progress = no_progress,
    samples: int = SAMPLES,
    seed: int = 0,
) -> PathGradients:
    """Mean over noisy copies of gradient times (input minus baseline). Smilkov et al. 2017.

    The noise has a standard deviation of ``NOISE`` times the range of a stream's values.
    """
    from captum.attr import InputXGradient, NoiseTunnel  # imported here: it imports matplotlib

    ask = _Asked(network, snippets, target)
    captum = NoiseTunnel(InputXGradient(lambda *d: ask.score(*_added(ask.absent, d))))
    moved = tuple(x - low for x, low in zip(ask.inputs, ask.absent, strict=True))
    spread = tuple(NOISE * float(x.max() - x.min()) for x in ask.inputs)
    total = [np.zeros(1), np.zeros(1)]
    with torch.no_grad():
        score, low = (float(ask.score(*part)) for part in (ask.inputs, ask.absent))
    for first in range(0, samples, ask.rows):
        count = min(ask.rows, samples - first)
        with _dice, torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed * 2**20 + first)
            parts = cast(Inputs, captum.attribute(moved, nt_samples=count, stdevs=spread))
        total = [a + count * _over_channels(b) for a, b in zip(total, parts, strict=True)]
        progress("gradients", (first + count) / samples)
    rgb, flow = (each / samples for each in total)
    return PathGradients(rgb, flow, score, score - low, samples)


def rows_of(shown: int) -> int:
    """Number of gradients per batch, for a run whose stage maps take ``shown`` bytes."""
    return max(1, min(NODES, _ROOM // (KEPT * max(1, shown))))


class _Asked:
    """The score as a plain function of both inputs, with the inputs and their baselines."""

    def __init__(self, network: Network, snippets: Snippets, target: Target) -> None:
        self.network, self.target = network, target
        self.inputs: Inputs = network_inputs(network, snippets)
        self.absent: Inputs = absent_inputs(network, *self.inputs)
        with torch.no_grad():
            seen = network(*self.inputs)
        shown = sum(
            cells.numel() * cells.element_size()
            for maps in (seen.spatial, seen.temporal, seen.fused)
            for cells in maps.values()
        )
        self.rows = rows_of(shown)

    def score(self, rgb: Tensor, flow: Tensor) -> Tensor:
        """(B,) the target, with both inputs in its graph.

        Captum needs gradients of both inputs; a stream that is not used gets zeros.
        """
        found = self.target.of(self.network(rgb, flow), self.network.card.labels)
        return found + 0 * (rgb.flatten(1).sum(1) + flow.flatten(1).sum(1))

    def between(self, share: float) -> Inputs:
        """A point on the straight path: 0 the baseline, 1 the clip."""
        rgb, flow = (
            low + share * (x - low) for x, low in zip(self.inputs, self.absent, strict=True)
        )
        return rgb, flow


def _added(one: Inputs, other: tuple[Tensor, ...]) -> Inputs:
    return one[0] + other[0], one[1] + other[1]


def _over_channels(found: Tensor) -> np.ndarray:
    """(1, T, C, H, W) -> (T, H, W)."""
    return found[0].double().sum(dim=1).detach().cpu().numpy()
