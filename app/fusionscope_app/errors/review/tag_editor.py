"""Tag editor: give tags to clips and write a note on one; other visitors see them too."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

import streamlit as st

from fusionscope.base.records import InputError, digest_of
from fusionscope.evaluation.head_trial import HeadTrial
from fusionscope.evaluation.review.tag_file import NOTE, TAGS, Review, data_key
from fusionscope_app.errors.review.tag_store import tag_file
from fusionscope_app.server import demo_mode
from fusionscope_app.widgets import error_messages

_NONE = Review()


def tag_editor(trial: HeadTrial, chosen: Sequence[str], reviews: Mapping[str, Review]) -> None:
    """Edit the tags of the chosen clips, and the note if it is one clip."""
    if demo_mode.is_demo() or not chosen:
        return
    if problem := st.session_state.pop("errors_tag_problem", ""):
        st.error(error_messages.plain(problem))
    data = data_key(trial.classes)
    tags, note = st.columns([1, 1.4], vertical_alignment="top")
    with tags:
        _tags(data, chosen, reviews)
    if len(chosen) == 1:
        with note:
            _note(data, chosen[0], reviews.get(chosen[0], _NONE))


def _tags(data: str, chosen: Sequence[str], reviews: Mapping[str, Review]) -> None:
    each = [set(reviews.get(clip, _NONE).tags) for clip in chosen]
    shared = set.intersection(*each)
    key = f"errors_tags_{digest_of(*chosen)[:12]}"
    st.session_state[key] = sorted(shared)

    def changed() -> None:
        given = set(st.session_state[key])
        _tried(lambda: tag_file().change_tags(data, chosen, sorted(given - shared), shared - given))

    st.multiselect(
        "Tags" if len(chosen) == 1 else f"Tags that all {len(chosen):,} selected clips have",
        sorted({tag for review in reviews.values() for tag in review.tags}),
        max_selections=TAGS,
        accept_new_options=True,
        placeholder="Choose, or type a new one",
        key=key,
        on_change=changed,
    )


def _note(data: str, clip: str, review: Review) -> None:
    key = f"errors_note_{digest_of(clip)[:12]}"
    read: Review = st.session_state.get(f"{key}_read", _NONE)
    if st.session_state.get(key, read.note) == read.note:  # nothing that is not yet saved
        st.session_state[key] = review.note
        st.session_state[f"{key}_read"] = read = review

    def saved() -> None:
        if _tried(lambda: tag_file().write_note(data, clip, st.session_state[key], read.version)):
            st.session_state[f"{key}_read"] = replace(read, note=st.session_state[key])
            return
        with suppress(InputError):  # the first error says why
            newest = tag_file().reviews(data).get(clip, _NONE)
            if newest.version != read.version:
                st.session_state[f"{key}_read"] = newest
                st.session_state["errors_tag_problem"] += f". The new note: {newest.note}"

    with st.form(f"{key}_form", border=False):
        st.text_area("Note", max_chars=NOTE, height=80, key=key)
        st.form_submit_button("Save the note", on_click=saved)


def _tried(change: Callable[[], None]) -> bool:
    """Make a change; keep its error for the page that is drawn next."""
    try:
        change()
    except InputError as problem:
        st.session_state["errors_tag_problem"] = str(problem)
        return False
    return True
