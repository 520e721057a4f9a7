"""Lesson: the classes and clips that a visitor teaches a network with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import streamlit as st

from fusionscope.base.records import InputError, printable

CLASSES, CLIPS = 10, 15  # at most: classes of a lesson, clips of a class
_LONGEST = 40  # characters of a name


@dataclass(frozen=True)
class LessonClip:
    """A clip of a class; ``clips.clip_of`` opens its id."""

    id: str
    digest: str
    name: str
    strip: bytes = field(repr=False)  # a thumbnail that moves (analysis/film_strip)
    who: str = ""  # the person it shows; empty: unknown


@dataclass
class Lesson:
    """Classes in the order of their columns, each with its clips.

    Every method that changes it raises InputError if the change cannot be made.
    """

    classes: dict[str, list[LessonClip]] = field(default_factory=dict)
    example: bool = False  # the example that a visitor finds, unchanged

    def __iter__(self) -> Iterator[tuple[str, LessonClip]]:
        """Class and clip, clip by clip."""
        return ((label, clip) for label, clips in self.classes.items() for clip in clips)

    @property
    def filled(self) -> list[str]:
        """The classes that have a clip."""
        return [label for label, clips in self.classes.items() if clips]

    def find(self, clip_id: str) -> tuple[str, LessonClip]:
        """The class of a clip, and the clip."""
        for label, clip in self:
            if clip.id == clip_id:
                return label, clip
        raise InputError("this clip is no longer in a class")

    def add_class(self, name: str = "") -> str:
        """Add a class; without a name, one that counts the classes. Return its name."""
        if len(self.classes) >= CLASSES:
            raise InputError(f"there are {CLASSES} classes; that is the limit: delete one first")
        numbers = (f"class {n}" for n in range(len(self.classes) + 1, 2 * CLASSES + 2))
        name = name or next(name for name in numbers if name not in self.classes)
        self._check_name(name)
        self.classes[name] = []
        return name

    def rename_class(self, label: str, name: str) -> None:
        """Give a class another name; it keeps its place and its clips."""
        if label not in self.classes:
            raise InputError(f"there is no class {printable(label)}")
        if name == label:
            return
        self._check_name(name)
        self.classes = {name if one == label else one: of for one, of in self.classes.items()}

    def delete_class(self, label: str) -> list[LessonClip]:
        """Delete a class; return the clips that it had."""
        return self.classes.pop(label, [])

    def add(self, label: str, clip: LessonClip) -> None:
        """Add a clip to a class, which is made if there is none of that name."""
        for other, known in self:
            if known.digest == clip.digest:
                raise InputError(f"{clip.name} is already in the class {other} ({known.name})")
        if label not in self.classes:
            label = self.add_class(label)
        if len(self.classes[label]) >= CLIPS:
            raise InputError(f"{label} has {CLIPS} clips; that is the limit: delete one first")
        self.classes[label].append(clip)

    def move(self, clip_id: str, label: str) -> None:
        """Move a clip to another class."""
        before, clip = self.find(clip_id)
        if label == before:
            return
        self.classes[before].remove(clip)
        try:
            self.add(label, clip)
        except InputError:
            self.classes[before].append(clip)
            raise

    def change(self, clip_id: str, name: str | None = None, who: str | None = None) -> None:
        """Change what is said of a clip: its name, the person it shows."""
        label, clip = self.find(clip_id)
        changed = replace(
            clip,
            name=clip.name if name is None else checked_name(name, "a clip"),
            who=clip.who if who is None else printable(who)[:_LONGEST],
        )
        clips = self.classes[label]
        clips[clips.index(clip)] = changed

    def delete(self, clip_id: str) -> None:
        """Delete a clip."""
        label, clip = self.find(clip_id)
        self.classes[label].remove(clip)

    def _check_name(self, name: str) -> None:
        if checked_name(name, "a class") in self.classes:
            raise InputError(f"there is a class {name} already; needed: another name")


def checked_name(name: str, of: str) -> str:
    """Return a name that can be shown.

    Raises:
        InputError: it is empty, too long, or has characters that cannot be shown.
    """
    if not name.strip() or not name.isprintable() or len(name) > 60:
        raise InputError(
            f"{printable(name)!r} cannot be the name of {of}; needed: 1 to 60 printable characters"
        )
    return name


def current() -> Lesson | None:
    """This visitor's lesson; None before page Teach was opened."""
    return st.session_state.get("lesson")


def label_of(clip_id: str) -> str:
    """The class of a clip in this visitor's lesson; empty if it is in none."""
    for label, clip in current() or ():
        if clip.id == clip_id:
            return label
    return ""
