"""Lesson list: what page Learn shows."""

from __future__ import annotations

import streamlit as st

from fusionscope.base.records import printable
from fusionscope_app.learn import strip
from fusionscope_app.learn.answer import network_words
from fusionscope_app.learn.lesson_check import lessons
from fusionscope_app.learn.lesson_file import Found, Lesson
from fusionscope_app.learn.progress import progress
from fusionscope_app.markup.summary import task_html
from fusionscope_app.markup.templates import html
from fusionscope_app.state import address
from fusionscope_app.widgets import error_messages

_LESSON = """\
<div class="fs-lesson"><h2><span>{{ title }}</span></h2><p>{{ finding }}</p>
<p class="fs-of">Paper: {{ section }} · {{ steps }} steps
{%- if done %} · {{ done }} answered{% endif %}</p></div>"""


def lesson_list() -> None:
    """List the lessons that ship, the lecturer's, and the files with faults."""
    found = [*lessons().values()]
    st.html(
        task_html(
            "Each step opens a live view of the app and asks one question; the answer comes from "
            "the numbers on the screen. Keys: N for the next step, P for the previous one."
        )
    )
    for one in found:
        if one.lesson is not None:
            _row(one.name, one.lesson)
    for one in found:
        _faults(one)


def _row(name: str, lesson: Lesson) -> None:
    opened, words = address.word("lesson") == name, st.container(horizontal=True, gap="medium")
    with words, st.container(key=f"learn_row_{name}", width="stretch"):
        st.html(
            html(
                _LESSON,
                title=lesson.title,
                finding=network_words(lesson.finding).replace("*", ""),
                section=lesson.section,
                steps=len(lesson.steps),
                done=progress().done(name),
            )
        )
    number = address.number("step") if opened else None
    words.button(
        f"Continue: {lesson.title}" if opened else f"Start: {lesson.title}",
        key=f"learn_start_{name}",
        on_click=strip.open_step,
        args=(name, number or 1),
        width=320,
    )


def _faults(one: Found) -> None:
    """What is wrong with a file of the lecturer."""
    if one.lesson is None:
        st.error(error_messages.plain(f"{printable(one.name)}.toml: {'; '.join(one.problems)}"))
