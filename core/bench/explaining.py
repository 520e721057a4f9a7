"""Explaining: occlusion and Shapley values, against Captum's over the whole network."""

from __future__ import annotations

import time

import torch

from core.bench.pair import Pair, paired
from core.explain.ledger import four_passes
from core.explain.occlusion import occlusion
from core.explain.reference import Reference
from core.explain.shapley import frame_shapley
from core.explain.target import Target
from core.nets.network import Network
from core.trace import fed
from core.video.clip import Clip
from core.video.flow import dense_flow
from core.video.patch import moving_patch
from core.video.snippets import Snippets, sample_snippets

_PLAYERS = 4  # chunks that share a score out, at most: Captum runs through all of their orders


def occlusion_speedup(network: Network, repeats: int) -> list[Pair]:
    """Space-time occlusion of either stream."""
    snippets, target = question(network)
    reference = Reference(network, snippets, target, fastest_batch(network, snippets))
    patch = min(snippets.rgb.shape[2:]) // 7

    def pair(stream: str) -> Pair:
        return paired(
            f"{stream}: occlusion by patches of {patch} pixels, against Captum's Occlusion",
            lambda: occlusion(network, snippets, target, stream, patch, patch).pixels,
            lambda: reference.occlusion(stream, patch, patch),
            repeats,
        )

    return [pair(stream) for stream in network.card.streams]


def shapley_speedup(network: Network, repeats: int) -> list[Pair]:
    """Shapley values of either stream's chunks."""
    all_of, target = question(network)
    rgb, flow, frames = all_of.rgb, all_of.flow, all_of.frames
    few = Snippets(rgb[:_PLAYERS], flow[:_PLAYERS], frames[:_PLAYERS], all_of.stack)
    reference = Reference(network, few, target, fastest_batch(network, all_of))

    def pair(stream: str) -> Pair:
        return paired(
            f"{stream}: Shapley values of {len(few.rgb)} chunks, against Captum's "
            "ShapleyValues, which runs through all orders",
            lambda: frame_shapley(network, few, target, stream).shares,
            lambda: reference.frames(stream),
            repeats,
        )

    return [pair(stream) for stream in network.card.streams]


def question(network: Network) -> tuple[Snippets, Target]:
    """A square clip that is made, as the network sees it, and the class that it says of it."""
    wide = moving_patch(max(24, network.card.stack + 2))
    clip = Clip(wide.frames[:, :, : wide.frames.shape[1]].copy(), wide.fps, wide.name)
    snippets = sample_snippets(clip, dense_flow(clip, network.card.flow), network.card)
    passes = four_passes(network, snippets)
    return snippets, Target(passes.deciding, passes.said)


@torch.inference_mode()
def fastest_batch(network: Network, snippets: Snippets) -> int:
    """How many clips at once go through the network in the least time each."""
    parts = fed(network, snippets)

    def seconds(count: int) -> float:
        some = [part.expand(count, -1, -1, -1, -1) for part in parts]
        begun = time.perf_counter()
        network(*some).final.cpu()
        return (time.perf_counter() - begun) / count

    return min((1, 2, 4, 8, 16), key=lambda count: min(seconds(count) for _ in range(2)))
