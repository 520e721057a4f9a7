"""Pointing: over many clips whose actor is known to the pixel, how a method's maps lie on it.

Each clip is asked about the class that it shows, at the head that decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from core.explain.actor import OnActor, masks_of, on_actor
from core.explain.attributions import Attribution
from core.explain.bench import attribute
from core.explain.measures import decisions
from core.explain.target import Target
from core.nets.network import Network
from core.records import InputError, Progress, seal, silent
from core.study.datasets import DataSet
from core.study.masks import read_mask
from core.study.toybox import STRIPED, toy_plan, toy_world
from core.trace import run
from core.video.clip import Clip, read_clip
from core.video.flow import dense_flow


@dataclass(frozen=True)
class Masked:
    """A clip with its actor, read when it is its turn."""

    id: str
    label: str
    read: Callable[[], tuple[Clip, np.ndarray]]  # the clip, and (N, H, W) bool


@dataclass(frozen=True, eq=False)
class Pointing:
    """What was found on every clip that could be asked, and why the rest could not."""

    method: str
    stage: str  # whose maps; empty: the input's
    found: Mapping[str, Mapping[str, OnActor]]  # clip -> stream -> how its map lies on the actor
    problems: Mapping[str, str]
    gaps: Mapping[str, float]  # clip -> by how much of it maps miss a change

    def __post_init__(self) -> None:
        seal(self)

    @property
    def gap(self) -> float:
        """The largest of the gaps; NaN where the method promises none."""
        return max(self.gaps.values(), default=float("nan"))

    def figures(self) -> dict[str, dict[str, Any]]:
        """Stream -> means over clips; the pointing game over all chunks that matter."""
        told: dict[str, dict[str, Any]] = {}
        for stream in dict.fromkeys(s for by_stream in self.found.values() for s in by_stream):
            rows = [by_stream[stream] for by_stream in self.found.values() if stream in by_stream]
            speaking = [row for row in rows if row.asked]
            asked = sum(row.asked for row in speaking)
            told[stream] = {
                "clips": len(speaking),  # in which the map speaks for the class at all
                "share": _mean([row.share for row in speaking]),
                "area": _mean([row.area for row in speaking]),
                "pointing": sum(row.hits for row in speaking) / asked if asked else float("nan"),
                "chance": _mean([row.chance for row in speaking]),
                "chunks": asked,
            }
        return told


def masked_clips(data: DataSet) -> list[Masked]:
    """The clips of a data set that have a mask.

    Raises:
        InputError: none has.
    """
    found = [
        Masked(item.id, item.label, partial(_read, item.path, item.mask))
        for item in data.items
        if item.mask is not None
    ]
    if not found:
        raise InputError(f"no clip of {data.name} in {data.root} has a mask of its actor")
    return found


def toy_clips(seeds: Sequence[int]) -> list[Masked]:
    """Toybox clips; the actor is the striped ball."""
    return [Masked(f"toybox:{seed}", toy_plan(seed).label, partial(_drawn, seed)) for seed in seeds]


def spaced(clips: Sequence[Masked], count: int) -> list[Masked]:
    """So many of the clips, evenly spaced; 0: all of them."""
    if not 0 < count < len(clips):
        return list(clips)
    return [clips[int(k)] for k in np.linspace(0, len(clips) - 1, count).round()]


def pointing(
    network: Network, clips: Sequence[Masked], method: str, progress: Progress = silent
) -> Pointing:
    """Ask a method about the class of every clip, and lay its maps on the actor.

    Raises:
        InputError: the network was taught no classes, or knows others, or not one clip could be
            asked.
    """
    card = network.card
    if not card.taught:
        raise InputError(f"{card.name} was taught no classes: there is nothing to ask it about")
    found: dict[str, dict[str, OnActor]] = {}
    problems: dict[str, str] = {}
    gaps: dict[str, float] = {}
    stage = ""
    for done, (clip, made) in enumerate(_asked(network, clips, method), start=1):
        if isinstance(made, InputError):
            problems[clip.id] = str(made)
        else:
            said, found[clip.id] = made
            stage = said.stage
            if said.gap is not None and said.change:
                gaps[clip.id] = abs(said.gap / said.change)
        progress("evaluate", done / len(clips))
    if not found:
        first = next(iter(problems.values()), "there is none")
        raise InputError(f"not one clip could be asked: {first}")
    return Pointing(method, stage, found, problems, gaps)


def _asked(
    network: Network, clips: Sequence[Masked], method: str
) -> Iterator[tuple[Masked, tuple[Attribution, dict[str, OnActor]] | InputError]]:
    for clip in clips:
        try:
            shown, masks = clip.read()
            if len(masks) < len(shown.frames):
                raise InputError(f"it has {len(shown.frames)} frames and {len(masks)} masks")
            trace = run(network, shown, dense_flow(shown, network.card.flow))
            head = [*decisions(trace)][-1]
            made = attribute(network, trace, method, Target(head, clip.label))
            lies = {
                stream: on_actor(one, masks_of(trace.snippets, masks, stream))
                for stream, one in made.maps.items()
            }
            yield clip, (made, lies)
        except InputError as problem:
            yield clip, problem


def _read(path: Path, mask: Path) -> tuple[Clip, np.ndarray]:
    return read_clip(path, start=0.0), read_mask(mask)


def _drawn(seed: int) -> tuple[Clip, np.ndarray]:
    world = toy_world(seed)
    return world.clip, world.masks[STRIPED]


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else float("nan")
