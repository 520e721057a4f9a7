"""Results of page Teach: maps of clips, what was learned from them, and predictions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fusionscope.base.records import InputError, Progress, digest_of, no_progress
from fusionscope.card import Card
from fusionscope_app.state import clips, results
from fusionscope_app.state.lesson import Lesson
from fusionscope_app.state.taught_networks import TaughtNetworks

if TYPE_CHECKING:
    from fusionscope.teaching.learning_curve import CurvePoint
    from fusionscope.teaching.measured import Measured
    from fusionscope.teaching.taught import Taught
    from fusionscope.teaching.tower_maps import TowerMaps

Predictions = Mapping[str, Mapping[str, float]]
"""Head (appearance, motion, late, fused) -> class -> probability, the most probable first."""


@dataclass(frozen=True, eq=False)
class Learned:
    """What a lesson taught, and how well."""

    key: str  # of the lesson (``key_of``)
    card: Card  # of the network whose towers were used
    taught: Taught
    by_clip: Measured | None  # one clip left out at a time; None: a class would have no clip
    by_group: Measured | None  # one person left out at a time; None: unknown or one person
    curve: tuple[CurvePoint, ...]


def key_of(lesson: Lesson, card: Card, mirror: bool) -> str:
    """All that learning depends on: clips with their classes and persons, towers, options."""
    parts = [f"{label}/{clip.digest}/{clip.who}" for label, clip in lesson]
    return digest_of(card.name, card.sha256, repr(mirror), *parts)


def maps_of(clip_id: str, digest: str, card: Card, progress: Progress = no_progress) -> TowerMaps:
    """The maps that the towers of a network make of a clip.

    Raises:
        InputError: the clip is too short, or is gone.
    """
    from fusionscope.teaching.tower_maps import tower_maps

    return results.cached(
        "tower maps",
        digest,
        card,
        make=lambda: tower_maps(results.network(card), clips.clip_of(clip_id)),
        progress=progress,
    )


def has_maps(digest: str, card: Card) -> bool:
    """Whether these maps are in the cache."""
    return results.is_cached("tower maps", digest, card)


def learn(lesson: Lesson, card: Card, mirror: bool, progress: Progress = no_progress) -> Learned:
    """Teach the lesson to the towers of a network, and measure by leaving out.

    Raises:
        InputError: fewer than two classes have a clip, or a clip is too short.
    """
    from fusionscope.teaching.examples import Example, Options
    from fusionscope.teaching.taught import teach

    check(lesson)
    clips_of = [*lesson]
    examples = []
    for done, (label, clip) in enumerate(clips_of):
        progress("maps", done / len(clips_of))
        maps = maps_of(clip.id, clip.digest, card, progress)
        examples.append(Example(label, maps, clip.id, clip.who))
    taught = teach(examples, results.network(card), Options(mirror=mirror))
    persons = {clip.who for _, clip in clips_of if clip.who}
    return Learned(
        key_of(lesson, card, mirror),
        card,
        taught,
        taught.left_out("clip", progress),
        taught.left_out("group", progress) if len(persons) > 1 else None,
        tuple(taught.learning_curve(progress)),
    )


def check(lesson: Lesson) -> None:
    """Say what is missing before a lesson can be taught.

    Raises:
        InputError: fewer than two classes, or a class without a clip.
    """
    if len(lesson.classes) < 2:
        found = f"one class ({next(iter(lesson.classes))})" if lesson.classes else "no class"
        raise InputError(f"There is {found}; teaching needs two or more, with a clip each")
    empty = [label for label, some in lesson.classes.items() if not some]
    if empty:
        raise InputError(f"The class {empty[0]} has no clip; record one, or delete the class")


def keep(learned: Learned, own: TaughtNetworks) -> str:
    """List what was learned among a visitor's networks; return its name."""
    name = f"taught-{learned.key[:8]}"
    if name not in own:
        own.keep(learned.taught.save(own.folder, name, learned.by_group or learned.by_clip))
    return name


def predict(learned: Learned, clip_id: str, digest: str) -> Predictions:
    """What each classifier predicts for a clip.

    Raises:
        InputError: the clip is too short, or is gone.
    """
    return learned.taught.predict(maps_of(clip_id, digest, learned.card))
