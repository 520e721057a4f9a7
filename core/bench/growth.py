"""Growth: seconds of each stage as clips grow longer, pictures larger and chunks more."""

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

from core.bench.subject import Subject, subject, toybox_video
from core.nets.network import Network
from core.pipeline import analyse
from core.trace import fed
from core.video.clip import read_clip
from core.video.flow import dense_flow
from core.video.snippets import sample_snippets

FRAMES = 25  # of the shortest clip, where nothing else is asked


@dataclass(frozen=True)
class Growth:
    """One thing that grows, and the seconds of each stage at every step of it."""

    of: str  # frames, size, chunks
    at: tuple[int, ...]
    seconds: Mapping[str, tuple[float, ...]]  # stage -> as many


def growth(
    network: Network,
    folder: Path,
    repeats: int,
    steps: Sequence[int] = (1, 2, 4),
    shortest: int = FRAMES,
) -> list[Growth]:
    """How a network's stages grow with each of the three, on Toybox.

    Args:
        folder: where videos may be written.
        steps: times as much of what grows; the size of pictures grows half as fast.
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
    """The same weights, fed otherwise: the network given is left as it is."""
    network = copy.copy(on.network)
    network.card = dataclasses.replace(on.network.card, **changed)
    return dataclasses.replace(
        on, network=network, snippets=sample_snippets(on.clip, on.flow, network.card)
    )


def _timed(of: str, at: Sequence[int], subjects: Sequence[Subject], repeats: int) -> Growth:
    """The median of the repetitions at each step; the steps take turns."""
    stages = [*_STAGES] if of == "frames" else ["forward", "analysis"]
    seconds: dict[str, list[list[float]]] = {stage: [[] for _ in at] for stage in stages}
    for _ in range(repeats):
        for place, on in enumerate(subjects):
            for stage in stages:
                begun = time.perf_counter()
                _STAGES[stage](on)
                seconds[stage][place].append(time.perf_counter() - begun)
    medians = {stage: tuple(map(statistics.median, taken)) for stage, taken in seconds.items()}
    return Growth(of, tuple(at), medians)


@torch.inference_mode()
def _forward(on: Subject) -> None:
    on.network(*fed(on.network, on.snippets)).final.cpu()


_STAGES: Mapping[str, Callable[[Subject], Any]] = {
    "decode": lambda on: read_clip(on.file, start=0.0),
    "flow": lambda on: dense_flow(on.clip, on.network.card.flow),
    "forward": _forward,
    "analysis": lambda on: analyse(on.network, on.clip, on.flow),
}
