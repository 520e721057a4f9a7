"""Attribution: occlusion and Shapley values, compared with Captum on the whole network."""

from __future__ import annotations

import time

import torch

from fusionscope.bench.timed_pair import TimedPair, paired
from fusionscope.explain.attribution.captum_reference import Reference
from fusionscope.explain.attribution.occlusion import occlusion
from fusionscope.explain.attribution.shapley import frame_shapley
from fusionscope.explain.ledger.ledger import four_passes
from fusionscope.explain.target import Target
from fusionscope.nets.network import Network
from fusionscope.trace import network_inputs
from fusionscope.video.clip import Clip
from fusionscope.video.flow.methods import dense_flow
from fusionscope.video.sample_clip import moving_patch
from fusionscope.video.snippets import Snippets, sample_snippets

_PLAYERS = 4  # chunks, at most: Captum evaluates all their orders


def occlusion_speedup(network: Network, repeats: int) -> list[TimedPair]:
    """Time space-time occlusion of each stream."""
    snippets, target = question(network)
    reference = Reference(network, snippets, target, fastest_batch(network, snippets))
    patch = min(snippets.rgb.shape[2:]) // 7

    def pair(stream: str) -> TimedPair:
        return paired(
            f"{stream}: occlusion with patches of {patch} pixels, vs Captum's Occlusion",
            lambda: occlusion(network, snippets, target, stream, patch, patch).pixels,
            lambda: reference.occlusion(stream, patch, patch),
            repeats,
        )

    return [pair(stream) for stream in network.card.streams]


def shapley_speedup(network: Network, repeats: int) -> list[TimedPair]:
    """Time Shapley values of each stream's chunks."""
    all_of, target = question(network)
    rgb, flow, frames = all_of.rgb, all_of.flow, all_of.frames
    few = Snippets(rgb[:_PLAYERS], flow[:_PLAYERS], frames[:_PLAYERS], all_of.stack)
    reference = Reference(network, few, target, fastest_batch(network, all_of))

    def pair(stream: str) -> TimedPair:
        return paired(
            f"{stream}: Shapley values of {len(few.rgb)} chunks, vs Captum's ShapleyValues, "
            "which evaluates all orders",
            lambda: frame_shapley(network, few, target, stream).shares,
            lambda: reference.frames(stream),
            repeats,
        )

    return [pair(stream) for stream in network.card.streams]


def question(network: Network) -> tuple[Snippets, Target]:
    """The network's input for a generated square clip, and the predicted class as target."""
    wide = moving_patch(max(24, network.card.stack + 2))
    clip = Clip(wide.frames[:, :, : wide.frames.shape[1]].copy(), wide.fps, wide.name)
    snippets = sample_snippets(clip, dense_flow(clip, network.card.flow), network.card)
    passes = four_passes(network, snippets)
    return snippets, Target(passes.deciding, passes.said)


@torch.inference_mode()
def fastest_batch(network: Network, snippets: Snippets) -> int:
    """Find the batch size with the highest throughput."""
    parts = network_inputs(network, snippets)

    def seconds(count: int) -> float:
        some = [part.expand(count, -1, -1, -1, -1) for part in parts]
        started = time.perf_counter()
        network(*some).final.cpu()
        return (time.perf_counter() - started) / count

    return min((1, 2, 4, 8, 16), key=lambda count: min(seconds(count) for _ in range(2)))
