"""Bench: how much faster one way to a result is than another, as ratios within one run.

Seconds differ from machine to machine and from hour to hour; a ratio of two ways that are timed one
after the other, again and again, does not. Both must find the same numbers, or there is no ratio.
A measure is a function and an entry in ``MEASURES``.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import torch

from core.explain.ledger import four_passes
from core.explain.occlusion import occlusion
from core.explain.reference import Reference
from core.explain.shapley import frame_shapley
from core.explain.target import Target
from core.nets.network import Network
from core.records import Progress, silent
from core.trace import fed
from core.video.clip import Clip
from core.video.flow import dense_flow
from core.video.patch import moving_patch
from core.video.snippets import Snippets, sample_snippets

SAME = 1e-4  # of the largest number: as far as two ways may part
_PLAYERS = 4  # chunks that share a score out, at most: Captum runs through all of their orders


@dataclass(frozen=True)
class Pair:
    """Two ways to one result, each timed as often as the other."""

    what: str
    ours: tuple[float, ...]  # seconds
    theirs: tuple[float, ...]
    gap: float  # between their numbers, as a share of the largest

    @property
    def ratio(self) -> float:
        """How many times faster ours is: the median of the repetitions."""
        return statistics.median(b / a for a, b in zip(self.ours, self.theirs, strict=True))


@dataclass(frozen=True)
class Subject:
    """What is measured on."""

    network: Network
    snippets: Snippets
    target: Target
    at_once: int  # clips in a batch at which the network is fastest here


Measure = Callable[[Subject, int], list[Pair]]
"""On a subject, so many repetitions -> pairs, of which the slowest counts."""


def bench(network: Network, repeats: int = 3, progress: Progress = silent) -> dict[str, list[Pair]]:
    """Every measure's pairs on a network, with a clip that is made."""
    on = subject(network)
    found = {}
    for number, (name, measure) in enumerate(MEASURES.items()):
        progress(name, number / len(MEASURES))
        found[name] = measure(on, repeats)
    progress("done", 1.0)
    return found


def ratios(found: Mapping[str, list[Pair]]) -> dict[str, float]:
    """Measure -> its ratio, the smallest of its pairs."""
    return {name: min(pair.ratio for pair in pairs) for name, pairs in found.items()}


def subject(network: Network) -> Subject:
    """A generated clip, and the class that the network says of it."""
    wide = moving_patch(max(24, network.card.stack + 2))
    clip = Clip(wide.frames[:, :, : wide.frames.shape[1]].copy(), wide.fps, wide.name)
    snippets = sample_snippets(clip, dense_flow(clip, network.card.flow), network.card)
    passes = four_passes(network, snippets)
    target = Target(passes.deciding, passes.said)
    return Subject(network, snippets, target, _fastest_batch(network, snippets))


def paired(
    what: str, ours: Callable[[], np.ndarray], theirs: Callable[[], np.ndarray], repeats: int
) -> Pair:
    """Time two ways to one result, one after the other.

    Raises:
        ValueError: they do not find the same numbers.
    """
    seconds: tuple[list[float], list[float]] = ([], [])
    gap = 0.0
    for _ in range(repeats):
        made = []
        for way, taken in zip((ours, theirs), seconds, strict=True):
            begun = time.perf_counter()
            made.append(way())
            taken.append(time.perf_counter() - begun)
        gap = max(gap, float(np.abs(made[0] - made[1]).max() / (np.abs(made[1]).max() or 1.0)))
    if gap > SAME:
        raise ValueError(f"{what}: expected the same numbers, got a gap of {gap:.1e}")
    return Pair(what, tuple(seconds[0]), tuple(seconds[1]), gap)


def occlusion_speedup(on: Subject, repeats: int) -> list[Pair]:
    """Space-time occlusion of either stream, against Captum's over the whole network."""
    reference = Reference(on.network, on.snippets, on.target, on.at_once)
    patch = min(on.snippets.rgb.shape[2:]) // 7

    def pair(stream: str) -> Pair:
        return paired(
            f"{stream}: occlusion by patches of {patch} pixels, against Captum's Occlusion",
            lambda: occlusion(on.network, on.snippets, on.target, stream, patch, patch).pixels,
            lambda: reference.occlusion(stream, patch, patch),
            repeats,
        )

    return [pair(stream) for stream in on.network.card.streams]


def shapley_speedup(on: Subject, repeats: int) -> list[Pair]:
    """Shapley values of either stream's chunks, against Captum's over the whole network."""
    rgb, flow, frames = on.snippets.rgb, on.snippets.flow, on.snippets.frames
    few = Snippets(rgb[:_PLAYERS], flow[:_PLAYERS], frames[:_PLAYERS], on.snippets.stack)
    reference = Reference(on.network, few, on.target, on.at_once)

    def pair(stream: str) -> Pair:
        return paired(
            f"{stream}: Shapley values of {len(few.rgb)} chunks, against Captum's "
            "ShapleyValues, which runs through all orders",
            lambda: frame_shapley(on.network, few, on.target, stream).shares,
            lambda: reference.frames(stream),
            repeats,
        )

    return [pair(stream) for stream in on.network.card.streams]


@torch.inference_mode()
def _fastest_batch(network: Network, snippets: Snippets) -> int:
    """How many clips at once go through the network in the least time each."""
    parts = fed(network, snippets)

    def seconds(count: int) -> float:
        some = [part.expand(count, -1, -1, -1, -1) for part in parts]
        begun = time.perf_counter()
        network(*some).final.cpu()
        return (time.perf_counter() - begun) / count

    return min((1, 2, 4, 8, 16), key=lambda count: min(seconds(count) for _ in range(2)))


MEASURES: Mapping[str, Measure] = MappingProxyType(
    {"occlusion_speedup": occlusion_speedup, "shapley_speedup": shapley_speedup}
)
"""Name, as printed -> what finds it."""
