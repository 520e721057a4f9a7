"""Scaling: seconds of each stage by length of clip, size of picture and number of chunks."""

from __future__ import annotations

import copy
import dataclasses
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from fusionscope.analysis.analysis import analyse
from fusionscope.bench.subject import Subject, subject, toybox_video
from fusionscope.nets.network import Network
from fusionscope.trace import network_inputs
from fusionscope.video.clip import read_clip
from fusionscope.video.flow.methods import dense_flow
from fusionscope.video.snippets import sample_snippets

FRAMES = 25  # default length of the shortest clip


@dataclass(frozen=True)
class Growth:
    """Seconds of each stage for increasing values of one quantity."""

    of: str  # frames, size or chunks
    at: tuple[int, ...]  # its values
    seconds: Mapping[str, tuple[float, ...]]  # stage -> seconds at each value


def growth(
    network: Network,
    folder: Path,
    repeats: int,
    steps: Sequence[int] = (1, 2, 4),
    shortest: int = FRAMES,
) -> list[Growth]:
    """Measure how a network's stages scale with frames, size and chunks, on Toybox.

    Args:
        folder: folder for temporary videos.
        steps: factors of the quantity; picture sizes use half the increase.
        shortest: frames of the shortest clip, unless the network needs more.
    """
    card = network.card
    least = max(shortest, card.stack + 2)
    longer = [subject("", network, toybox_video(folder, least * by)) for by in steps]
    larger = [_varied(longer[0], size=card.size * (by + 1) // 2) for by in steps]
    denser = [_varied(longer[0], chunks=card.chunks * by) for by in steps]
    return [
        _timed("frames", [len(on.clip.frames) for on in longer], longer, repeats),
        _timed("size", [on.network.card.size for on in larger], larger, repeats),
        _timed("chunks", [on.network.card.chunks for on in denser], denser, repeats),
    ]


def _varied(on: Subject, **changed: Any) -> Subject:
    """The same weights with a changed card; the given network is not changed."""
    network = copy.copy(on.network)
    network.card = dataclasses.replace(on.network.card, **changed)
    return dataclasses.replace(
        on, network=network, snippets=sample_snippets(on.clip, on.flow, network.card)
    )


def _timed(of: str, at: Sequence[int], subjects: Sequence[Subject], repeats: int) -> Growth:
    """Median over repetitions for each step; the steps are timed alternately."""
    stages = [*_STAGES] if of == "frames" else ["forward", "analysis"]
    seconds: dict[str, list[list[float]]] = {stage: [[] for _ in at] for stage in stages}
    for _ in range(repeats):
        for place, on in enumerate(subjects):
            for stage in stages:
                started = time.perf_counter()
                _STAGES[stage](on)
                seconds[stage][place].append(time.perf_counter() - started)
    medians = {stage: tuple(map(statistics.median, taken)) for stage, taken in seconds.items()}
    return Growth(of, tuple(at), medians)


@torch.inference_mode()
def _forward(on: Subject) -> None:
    on.network(*network_inputs(on.network, on.snippets)).final.cpu()


_STAGES: Mapping[str, Callable[[Subject], Any]] = {
    "decode": lambda on: read_clip(on.file, start=0.0),
    "flow": lambda on: dense_flow(on.clip, on.network.card.flow),
    "forward": _forward,
    "analysis": lambda on: analyse(on.network, on.clip, on.flow),
}
