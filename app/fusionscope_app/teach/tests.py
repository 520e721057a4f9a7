"""Tests: the clips that a visitor tests what was learned with, and the answers over time."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import streamlit as st

from fusionscope.base.records import InputError
from fusionscope.video.clip import Clip, read_clip
from fusionscope_app.state import clips
from fusionscope_app.state.lesson import LessonClip
from fusionscope_app.teach.results import Learned, Predictions

MOST = 30  # answers in the history


@dataclass(frozen=True)
class Answer:
    """What was predicted for the last seconds of the camera."""

    clock: str  # when, as HH:MM:SS
    predictions: Predictions


def learned() -> Learned | None:
    """What the visitor's lesson taught last."""
    return st.session_state.get("lesson_learned")


def asked() -> LessonClip | None:
    """The clip that is tested."""
    return st.session_state.get("lesson_test")


def ask(clip: LessonClip) -> None:
    """Test a clip."""
    st.session_state["lesson_test"] = clip


def history() -> list[Answer]:
    """The answers to the camera's last seconds, the newest last."""
    return st.session_state.setdefault("lesson_history", [])


def forget() -> None:
    """Forget what was learned and tested."""
    for name in ("lesson_learned", "lesson_test", "lesson_history"):
        st.session_state.pop(name, None)


def roll(video: bytes) -> None:
    """Predict the last seconds of the camera; the recording is not kept.

    Raises:
        InputError: nothing was learned yet, or the recording cannot be read.
    """
    found = learned()
    if found is None:
        raise InputError("Nothing is learned yet; press Teach first")
    clip = _read(video)
    answers = history()
    answers.append(Answer(f"{clips.clock():%H:%M:%S}", found.taught.predict(clip)))
    del answers[:-MOST]


def _read(video: bytes) -> Clip:
    folder = clips.upload_folder()
    path = folder.keep(f"rolling-{threading.get_ident()}", video)
    try:
        return read_clip(path, 0.0, "the recording")
    finally:
        clips.clear_uploads()
