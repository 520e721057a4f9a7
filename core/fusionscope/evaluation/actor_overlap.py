"""Actor overlap: how well a method's attribution maps coincide with the actor, over many clips.

Each clip is explained for its true class, at the network's deciding head.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from fusionscope.base.records import InputError, Progress, no_progress, seal
from fusionscope.data.actor_masks import read_mask
from fusionscope.data.datasets import DataSet
from fusionscope.data.toybox.world import STRIPED, toy_plan, toy_world
from fusionscope.explain.attribution.attribute import attribute
from fusionscope.explain.attribution.records import Attribution
from fusionscope.explain.checks.actor_overlap import OnActor, masks_of, on_actor
from fusionscope.explain.measures import decisions
from fusionscope.explain.target import Target
from fusionscope.nets.network import Network
from fusionscope.trace import run
from fusionscope.video.clip import Clip, read_clip
from fusionscope.video.flow.methods import dense_flow


@dataclass(frozen=True)
class Masked:
    """A clip with actor masks, loaded on demand."""

    id: str
    label: str
    read: Callable[[], tuple[Clip, np.ndarray]]  # the clip, and (N, H, W) bool


@dataclass(frozen=True, eq=False)
class Pointing:
    """Results for every clip that could be explained, and errors for the others."""

    method: str
    stage: str  # the explained stage; empty: the input
    found: Mapping[str, Mapping[str, OnActor]]  # clip -> stream -> overlap of its map
    problems: Mapping[str, str]  # clip -> error message
    gaps: Mapping[str, float]  # clip -> completeness gap, relative to the change of score

    def __post_init__(self) -> None:
        seal(self)

    @property
    def gap(self) -> float:
        """The largest completeness gap; NaN if the method does not guarantee completeness."""
        return max(self.gaps.values(), default=float("nan"))

    def figures(self) -> dict[str, dict[str, Any]]:
        """Stream -> means over clips; the pointing game counts all chunks that matter."""
        means: dict[str, dict[str, Any]] = {}
        for stream in dict.fromkeys(s for by_stream in self.found.values() for s in by_stream):
            rows = [by_stream[stream] for by_stream in self.found.values() if stream in by_stream]
            positive = [row for row in rows if row.asked]
            asked = sum(row.asked for row in positive)
            means[stream] = {
                "clips": len(positive),  # clips whose map has support for the class
                "share": _mean([row.share for row in positive]),
                "area": _mean([row.area for row in positive]),
                "pointing": sum(row.hits for row in positive) / asked if asked else float("nan"),
                "chance": _mean([row.chance for row in positive]),
                "chunks": asked,
            }
        return means


def masked_clips(data: DataSet) -> list[Masked]:
    """The clips of a data set that have an actor mask.

    Raises:
        InputError: no clip has one.
    """
    found = [
        Masked(item.id, item.label, partial(_read, item.path, item.mask))
        for item in data.items
        if item.mask is not None
    ]
    if not found:
        raise InputError(
            f"no clip of {data.name} in {data.root} has an actor mask; at least one is needed"
        )
    return found


def toy_clips(seeds: Sequence[int]) -> list[Masked]:
    """Toybox clips; the actor is the striped ball."""
    return [Masked(f"toybox:{seed}", toy_plan(seed).label, partial(_drawn, seed)) for seed in seeds]


def spaced(clips: Sequence[Masked], count: int) -> list[Masked]:
    """``count`` evenly spaced clips; 0: all of them."""
    if not 0 < count < len(clips):
        return list(clips)
    return [clips[int(k)] for k in np.linspace(0, len(clips) - 1, count).round()]


def pointing(
    network: Network, clips: Sequence[Masked], method: str, progress: Progress = no_progress
) -> Pointing:
    """Explain the true class of every clip, and measure how the maps overlap with the actor.

    Raises:
        InputError: the network has an untrained classifier or other classes, or no clip could be
            explained.
    """
    card = network.card
    if not card.taught:
        raise InputError(
            f"{card.name} has an untrained classifier; a network trained on classes is needed"
        )
    found: dict[str, dict[str, OnActor]] = {}
    problems: dict[str, str] = {}
    gaps: dict[str, float] = {}
    stage = ""
    for done, (clip, made) in enumerate(_explained(network, clips, method), start=1):
        if isinstance(made, InputError):
            problems[clip.id] = str(made)
        else:
            attribution, found[clip.id] = made
            stage = attribution.stage
            if attribution.gap is not None and attribution.change:
                gaps[clip.id] = abs(attribution.gap / attribution.change)
        progress("evaluate", done / len(clips))
    if not found:
        first = next(iter(problems.values()), "there are no clips")
        raise InputError(f"no clip could be explained: {first}")
    return Pointing(method, stage, found, problems, gaps)


def _explained(
    network: Network, clips: Sequence[Masked], method: str
) -> Iterator[tuple[Masked, tuple[Attribution, dict[str, OnActor]] | InputError]]:
    for clip in clips:
        try:
            shown, masks = clip.read()
            if len(masks) < len(shown.frames):
                raise InputError(
                    f"the clip has {len(shown.frames)} frames and {len(masks)} masks; each frame "
                    "needs a mask"
                )
            trace = run(network, shown, dense_flow(shown, network.card.flow))
            head = [*decisions(trace)][-1]
            made = attribute(network, trace, method, Target(head, clip.label))
            overlap = {
                stream: on_actor(one, masks_of(trace.snippets, masks, stream))
                for stream, one in made.maps.items()
            }
            yield clip, (made, overlap)
        except InputError as problem:
            yield clip, problem


def _read(path: Path, mask: Path) -> tuple[Clip, np.ndarray]:
    return read_clip(path, start=0.0), read_mask(mask)


def _drawn(seed: int) -> tuple[Clip, np.ndarray]:
    world = toy_world(seed)
    return world.clip, world.masks[STRIPED]


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else float("nan")
