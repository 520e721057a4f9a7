"""Lesson section: the board, clips from lists, the towers, and the button that teaches."""

from __future__ import annotations

from pathlib import PurePosixPath

import streamlit as st

from fusionscope.analysis.film_strip import film_strip
from fusionscope.base import paths
from fusionscope.base.records import InputError, Progress
from fusionscope.card import Card
from fusionscope_app.components.lesson_board import lesson_board
from fusionscope_app.server import demo_mode
from fusionscope_app.state import address, clip_sources, clips, network_choice, results
from fusionscope_app.state.lesson import Lesson, LessonClip
from fusionscope_app.teach import doing, example, tests
from fusionscope_app.teach.results import Learned, check, keep, key_of, learn
from fusionscope_app.widgets import error_messages
from fusionscope_app.widgets.progress import progress_bar

_STAGES = {
    "decode": ("Reading the frames", 0.0, 0.0),
    "maps": ("Running the towers", 0.0, 0.8),
    "left out": ("Leaving out one clip at a time", 0.8, 0.95),
    "learning curve": ("Measuring the learning curve", 0.95, 1.0),
}


def towers_choice(lesson: Lesson) -> Card:
    """Choose the network whose frozen towers are used."""
    known = {
        name: card
        for name, card in results.models().items()
        if card.spatial and card.temporal and card.world != "taught"
    }
    if not known:
        raise InputError("there is no network with two streams; needed: at least one to teach")
    toybox = example.is_toybox(lesson)
    first = clip_sources.known(example.TEST) if toybox else clip_sources.Known("", "")
    usual = network_choice.network_for(first, example.TOWERS)
    usual = usual if usual in known else next(iter(known))
    name = address.option("teach_towers", known, usual)
    st.selectbox(
        "Frozen towers of",
        list(known),
        format_func=results.model_title,
        **address.bound("teach_towers", name, usual=usual),
    )
    return known[name]


def board(odd: str) -> None:
    """The board; an act on it changes the lesson before the page is drawn."""
    lesson_board(
        doing.shown(odd),
        key="lesson_board",
        records=demo_mode.may_teach(),
        tests=tests.learned() is not None,
        on_act=doing.act_on,
    )


def lists_section(lesson: Lesson) -> None:
    """Add clips that need no recording: of the data folder and of the Toybox."""
    with st.popover("From a list"):
        label = st.selectbox("Class", list(lesson.classes), key="lesson_into")
        seed = st.number_input("Toybox clip", 1, 999_999, 8, key="lesson_seed")
        st.button(
            "Add Toybox clip",
            key="lesson_toybox",
            disabled=label is None,
            on_click=lambda: _add(lesson, str(label), f"toybox:{int(seed)}"),
        )
        if not demo_mode.is_demo():
            _folder_section(lesson, label)
    if trouble := st.session_state.pop("lesson_trouble", ""):
        st.error(error_messages.plain(trouble))


def _folder_section(lesson: Lesson, label: str | None) -> None:
    try:
        names = clips.data_clips(paths.data_folder())
    except InputError as problem:
        error_messages.show_error(problem)
        return
    if not names:
        st.caption(error_messages.plain(f"No videos in {paths.data_folder()}."))
        return
    chosen = st.multiselect(
        error_messages.plain(f"{len(names)} videos in {paths.data_folder()}"),
        names,
        format_func=lambda name: name.removeprefix("data:"),
        key="lesson_folder",
    )
    with st.container(horizontal=True):
        st.button(
            "Add to the class",
            key="lesson_folder_add",
            disabled=not chosen or label is None,
            on_click=lambda: _add(lesson, str(label), *chosen),
        )
        st.button(
            "Add, each to the class of its folder",
            key="lesson_folder_sort",
            disabled=not chosen,
            on_click=lambda: _add(lesson, "", *chosen),
        )


def _add(lesson: Lesson, label: str, *clip_ids: str) -> None:
    """Add clips of lists; without a class, each to that of its data set or folder."""
    troubles = []
    for clip_id in clip_ids:
        try:
            lesson.add(label or _class_of(clip_id), _listed_clip(clip_id))
            lesson.example = False
        except InputError as problem:
            troubles.append(f"{problem}.")
    st.session_state["lesson_trouble"] = " ".join(troubles)


def _class_of(clip_id: str) -> str:
    path = PurePosixPath(clip_id.removeprefix("data:"))
    return clips.known_of(clip_id).label or path.parent.name or "class 1"


def _listed_clip(clip_id: str) -> LessonClip:
    if clip_sources.is_made(clip_id):
        return example.toybox_clip(clip_id)
    clip = clips.clip_of(clip_id)
    return LessonClip(clip_id, clip.digest, clips.title_of(clip_id)[:60], film_strip(clip))


def mirror_choice() -> bool:
    """Whether mirrored copies of the clips are learned from too."""
    mirror = address.switch("teach_mirror")
    return st.toggle(
        "Mirrored copies too",
        help="Learn from a mirrored copy of each clip too. Leave it off if left and right are the "
        "classes.",
        **address.bound("teach_mirror", mirror, usual=False),
    )


def learned_now(lesson: Lesson, card: Card, mirror: bool, asked: bool) -> Learned | None:
    """What was learned last, or is learned now because the visitor asked or sees the example."""
    with st.container(key="lesson_state"):
        place = st.empty()
    learned = tests.learned()
    if asked or (learned is None and lesson.example):
        bar = progress_bar(place, lambda: None, stages=_STAGES, over=False, key="lesson_cancel")
        learned = _learn(lesson, card, mirror, bar)
        st.session_state["lesson_learned"] = learned
        if not lesson.example:
            keep(learned, results.taught())
        st.rerun()  # the board can now test, and marks the clip that is least like its class
    if learned is None:
        place.write(_readiness(lesson))
    elif learned.key != key_of(lesson, card, mirror):
        place.write("The clips or options have changed: press Teach again.")
    else:
        taught = learned.taught
        place.write(f"Taught: {len(taught.examples)} clips of {len(taught.classes)} classes.")
    return learned


def _learn(lesson: Lesson, card: Card, mirror: bool, bar: Progress) -> Learned:
    if not lesson.example:
        return learn(lesson, card, mirror, bar)
    key = key_of(lesson, card, mirror)  # the example is the same for all visitors
    return results.cached("lesson", key, card, make=lambda: learn(lesson, card, mirror, bar))


def _readiness(lesson: Lesson) -> str:
    try:
        check(lesson)
    except InputError as problem:
        return error_messages.plain(f"{problem}.")
    return f"Ready: {len([*lesson])} clips of {len(lesson.classes)} classes."
