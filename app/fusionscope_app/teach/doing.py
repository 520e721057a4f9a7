"""Doing: what each act on the board changes in the lesson."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from fusionscope.analysis.film_strip import FRAMES, film_strip
from fusionscope.base.records import InputError, printable
from fusionscope.video.clip import Clip
from fusionscope_app.components.lesson_board import Act, BoardClip
from fusionscope_app.state import clips
from fusionscope_app.state.lesson import Lesson, LessonClip, checked_name
from fusionscope_app.teach import example, tests


def lesson() -> Lesson:
    """This visitor's lesson; at first the example."""
    if "lesson" not in st.session_state:
        st.session_state["lesson"] = example.example()
    return st.session_state["lesson"]


def start_over() -> None:
    """Begin a lesson of two classes without clips; the visitor's files are deleted."""
    for _, clip in lesson():
        clips.files().drop(clip.id)
    st.session_state["lesson"] = Lesson({"class 1": [], "class 2": []})
    tests.forget()


def use_pair(classes: Sequence[str]) -> None:
    """Give two columns these names: columns without clips first, else new ones.

    The example makes room for them.
    """
    if lesson().example:
        start_over()
    of = lesson()
    try:
        for name in classes:
            if name in of.classes:
                continue
            empty = [label for label in of.classes if not of.classes[label]]
            free = [label for label in empty if label not in classes]
            if free:
                of.rename_class(free[0], name)
            else:
                of.add_class(name)
    except InputError as problem:
        st.session_state["lesson_trouble"] = f"{problem}."


def act_on(act: Act) -> None:
    """Do what the visitor did on the board.

    Raises:
        InputError: it cannot be done.
    """
    _DOES[act.kind](lesson(), act)
    if act.kind not in ("open", "test", "rolling"):
        lesson().example = False


def shown(odd: str = "") -> list[tuple[str, list[BoardClip]]]:
    """The columns of the board; the clip ``odd`` is marked."""
    return [
        (label, [BoardClip(c.id, c.name, c.who, c.strip, FRAMES, c.id == odd) for c in some])
        for label, some in lesson().classes.items()
    ]


def as_lesson_clip(clip: Clip, who: str = "") -> LessonClip:
    """A clip that is kept as a file, as one of a lesson."""
    return LessonClip(
        f"upload:{clip.digest[:12]}", clip.digest, printable(clip.name)[:60], film_strip(clip), who
    )


def recorded(act: Act) -> LessonClip:
    """Keep the video of an act."""
    name = act.name or f"webcam, {clips.clock():%H:%M:%S}"
    return as_lesson_clip(clips.files().keep(act.video, printable(name)), act.who)


def _add(to: Lesson, act: Act) -> None:
    label = act.label or (to.filled or [*to.classes] or ["class 1"])[-1]
    made = recorded(act)
    try:
        to.add(checked_name(label, "a class"), made)
    except InputError:
        if all(clip.id != made.id for _, clip in to):
            clips.files().drop(made.id)
        raise


def _delete_clip(of: Lesson, act: Act) -> None:
    of.delete(act.clip)
    clips.files().drop(act.clip)


def _delete_class(of: Lesson, act: Act) -> None:
    for clip in of.delete_class(act.label):
        clips.files().drop(clip.id)


def _open(of: Lesson, act: Act) -> None:
    of.find(act.clip)
    st.session_state["lesson_open"] = act.clip


def _rename_clip(of: Lesson, act: Act) -> None:
    of.change(act.clip, name=act.name)
    if clips.has_file(act.clip):
        clips.files().rename(act.clip, act.name)


_DOES: Mapping[str, Callable[[Lesson, Act], object]] = {
    "new class": lambda to, _: to.add_class(),
    "rename class": lambda of, act: of.rename_class(act.label, act.name),
    "delete class": _delete_class,
    "record": _add,
    "file": _add,
    "test": lambda _, act: tests.ask(recorded(act)),
    "rolling": lambda _, act: tests.roll(act.video),
    "rename clip": _rename_clip,
    "who": lambda of, act: of.change(act.clip, who=act.name),
    "move": lambda of, act: of.move(act.clip, act.to),
    "open": _open,
    "delete clip": _delete_clip,
}
