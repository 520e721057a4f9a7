"""Strip: the open lesson above every page, and what the visitor does with it.

The address holds lesson, step and the whole view of the step, so that Back and Forward restore it.
A link that names only lesson and step opens the view of that step.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from fusionscope.base.records import InputError, printable
from fusionscope_app.components.lesson_strip import StripStep, lesson_strip
from fusionscope_app.learn import answer
from fusionscope_app.learn.lesson_check import lessons
from fusionscope_app.learn.lesson_file import Lesson, Step
from fusionscope_app.learn.progress import progress
from fusionscope_app.learn.shown_view import ShownView
from fusionscope_app.learn.templates import filled
from fusionscope_app.learn.values import sample_of
from fusionscope_app.pages import TITLES, page_file
from fusionscope_app.state import address


def open_step(name: str, number: int) -> None:
    """Open a step of a lesson, counted from 1: the next run of the script shows its page."""
    step = _step(_lesson(name), number)
    lecture = address.switch("lecture") or None
    address.replace(lesson=name, step=number, lecture=lecture, **step.view)
    st.session_state["learn_page"] = step.page
    st.session_state["learn_opened"] = name, number


def follow(page: str) -> None:
    """Go to the page of the step that was opened, or that a link names without its view."""
    name, number = address.word("lesson"), _number()
    if name and page != "learn" and "learn_page" not in st.session_state:
        bare = not set(address.everything()) - {"lesson", "step", "lecture", "frame"}
        if bare and st.session_state.get("learn_opened") != (name, number):
            try:
                open_step(name, number)
            except InputError:
                address.put(lesson=None, step=None, lecture=None)
                raise
        st.session_state["learn_opened"] = name, number
    wanted = st.session_state.pop("learn_page", page)
    if wanted != page:
        st.switch_page(page_file(wanted), query_params=address.everything())


def strip(page: str) -> None:
    """Show the lesson in the address, if there is one.

    Raises:
        InputError: there is no such lesson; it is removed from the address.
    """
    name = address.word("lesson")
    if not name or page == "learn":
        return
    try:
        lesson = _lesson(name)
    except InputError:
        address.put(lesson=None, step=None, lecture=None)
        raise
    number = min(_number(), len(lesson.steps) + 1)
    steps = [_shown(lesson, name, n) for n in range(1, len(lesson.steps) + 2)]
    following = _following(name)
    lesson_strip(
        lesson.title,
        steps,
        number,
        page=TITLES[_step(lesson, number).page],
        away=_step(lesson, number).page != page,
        following=lessons_title(following) if following else "",
        name=name,
        lecture=address.switch("lecture"),
        key="lesson_strip",
        on_act=lambda act: _act(page, name, number, act),
    )


def lessons_title(name: str) -> str:
    """The title of a lesson."""
    return _lesson(name).title


def _act(page: str, name: str, number: int, act: Mapping[str, Any]) -> None:
    """Do what the visitor chose."""
    lesson = _lesson(name)
    kind, value = act.get("kind"), act.get("value")
    if kind == "go" and isinstance(value, int) and value in range(1, len(lesson.steps) + 2):
        if value > len(lesson.steps):  # the last part adds the finding to the view that is open
            address.put(step=value)
            st.session_state["learn_opened"] = name, value
        else:
            open_step(name, value)
    elif kind == "view":
        open_step(name, number)
    elif kind == "following" and (following := _following(name)):
        open_step(following, 1)
    elif kind in ("following", "leave"):
        address.put(lesson=None, step=None, lecture=None)
        if kind == "following":
            st.session_state["learn_page"] = "learn"
    elif kind == "lecture":
        address.put(lecture=True if value else None)
    elif number <= len(lesson.steps):
        _answer(page, name, number, lesson.steps[number - 1], kind, value)


def _answer(page: str, name: str, number: int, step: Step, kind: object, value: object) -> None:
    found, question, task = progress().of(name, number), step.question, step.task
    shown = address.everything() if page == step.page else address.written(**step.view)
    view = ShownView(step.page, shown)
    try:
        if kind == "answer" and question and isinstance(value, int):
            if value in range(len(question.choices)):
                found.choice, found.right = value, value == answer.correct_choice(question, view)
                found.words = answer.reveal(question, view)
        elif kind == "look" and task and not found.right:
            found.right = answer.is_done(task, view)
            found.words = (answer.reveal if found.right else answer.words_now)(task, view)
        elif kind == "solve" and task:
            address.put(**task.solution)
    except InputError as problem:
        found.words = f"This view has no answer: {problem}."


def _shown(lesson: Lesson, name: str, number: int) -> StripStep:
    """What the browser draws of a step; the part after the last one is the finding."""
    if number > len(lesson.steps):
        finding = answer.network_words(lesson.finding)
        return StripStep(f"{finding} (Paper: {lesson.section}.)")
    step, found = lesson.steps[number - 1], progress().of(name, number)
    part = step.question or step.task
    room = filled(part.reveal, sample_of) if part else ""
    text = answer.network_words
    return StripStep(
        text(step.text),
        ask=text(step.question.ask if step.question else step.task.do if step.task else ""),
        choices=tuple(text(one.text) for one in step.question.choices) if step.question else (),
        choice=found.choice,
        right=found.right,
        words=found.words,
        room=room,
        note=text(step.note),
        heading=step.heading,
    )


def _lesson(name: str) -> Lesson:
    found = lessons()
    if name not in found:
        raise InputError(f"there is no lesson {printable(name)!r}; page Learn lists them")
    if (lesson := found[name].lesson) is None:
        raise InputError(f"lesson {printable(name)} has a fault: {found[name].problems[0]}")
    return lesson


def _step(lesson: Lesson, number: int) -> Step:
    """A step, counted from 1; beyond the last one, the last one."""
    return lesson.steps[max(1, min(number, len(lesson.steps))) - 1]


def _number() -> int:
    return max(1, address.number("step") or 1)


def _following(name: str) -> str:
    """The lesson after this one; empty if it is the last."""
    names = [one.name for one in lessons().values() if one.lesson]
    at = names.index(name) + 1
    return names[at] if at < len(names) else ""
