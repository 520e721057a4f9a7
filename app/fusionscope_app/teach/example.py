"""Example: the lesson that a visitor finds: Toybox scenes that differ in their motion alone.

Both classes have the same scenes, so appearance cannot know the class. Each scene is a group: its
two clips are left out together.
"""

from __future__ import annotations

from fusionscope.analysis.film_strip import film_strip
from fusionscope.teaching.pairs import Pair
from fusionscope_app.state import clip_sources, clips, results
from fusionscope_app.state.lesson import Lesson, LessonClip

_SCENES = (6, 8, 1, 4)  # seeds: the look of both balls and the ground
CLASSES = {
    "sideways": (60, 83, 142, 168),  # seeds: the moves of both balls
    "up and down": (84, 118, 141, 179),
}
PAIR = Pair(
    ("sideways", "up and down"),
    "The same scenes with other moves.",
    {"appearance": False, "motion": True},
)
TEST = "toybox:2~195"  # sideways
TOWERS = "toybox-conv3d"


def example() -> Lesson:
    """A new lesson with the clips of the example."""
    return Lesson({label: _clips(moves) for label, moves in CLASSES.items()}, example=True)


def toybox_clip(clip_id: str, name: str = "", who: str = "") -> LessonClip:
    """A generated clip as one of a lesson."""
    clip = clips.shared_clip(clip_id)
    strip = results.cached("film strip", clip.digest, make=lambda: film_strip(clip))
    title = name or f"Toybox {clip_id.partition(':')[2]}"
    return LessonClip(clip_id, clip.digest, title, strip, who)


def _clips(moves: tuple[int, ...]) -> list[LessonClip]:
    return [
        toybox_clip(f"toybox:{scene}~{move}", who=f"scene {scene}")
        for scene, move in zip(_SCENES, moves, strict=True)
    ]


def is_toybox(lesson: Lesson) -> bool:
    """Whether all clips of a lesson are generated; False without clips."""
    made = [clip_sources.is_made(clip.id) for _, clip in lesson]
    return bool(made) and all(made)
