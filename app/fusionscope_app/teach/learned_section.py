"""Learned section: how well the lesson was learned, and what a test clip is taken for."""

from __future__ import annotations

import streamlit as st

from fusionscope.base.records import InputError, printable
from fusionscope.video.accepted_names import ENDINGS
from fusionscope_app.markup import summary
from fusionscope_app.pages import page_file
from fusionscope_app.server import demo_mode
from fusionscope_app.state import address, clips
from fusionscope_app.state.lesson import Lesson
from fusionscope_app.state.results import taught as taught_networks
from fusionscope_app.teach import doing, example, figures_html, results, tests, words
from fusionscope_app.teach.plots import curve
from fusionscope_app.teach.results import Learned
from fusionscope_app.widgets import error_messages, plot_colours
from fusionscope_app.widgets.closing_popover import close, closing_popover


def figures_section(lesson: Lesson, learned: Learned) -> None:
    """Accuracy by leaving out, the confusions, the learning curve."""
    found = learned.by_group or learned.by_clip
    if found is None:
        return
    st.html(figures_html.accuracy_html(found))
    st.caption(words.how(found))
    head = address.option("teach_head", words.HEADS, "fused")
    st.segmented_control(
        "Confusions of",
        list(words.HEADS),
        format_func=words.TITLES.__getitem__,
        required=True,
        **address.bound("teach_head", head, usual="fused"),
    )
    names = {clip.id: clip.name for _, clip in lesson}
    st.html(figures_html.confusion_html(found, head, names))
    if odd := found.odd():
        name = names.get(odd[0], "a clip that is gone")
        st.caption(
            error_messages.plain(
                f"Least like its class: {name}. The other clips give its class {odd[1]:.2f}."
            )
        )
    if len(learned.curve) > 1:
        st.plotly_chart(
            curve(learned.curve, found.chance, plot_colours.shades()),
            key="teach_curve",
            alt="Accuracy against the number of clips taught of each class",
        )


def live_section(lesson: Lesson, learned: Learned) -> None:
    """The test clip: predictions side by side; put it into a class; open it on other pages."""
    if answers := tests.history():
        st.html(summary.sentence_html(words.prediction(answers[-1].predictions)))
        st.html(figures_html.bands_html(answers))
    if demo_mode.may_teach():
        with closing_popover("Test a file", "lesson_test_menu"):
            _test_file()
    clip = tests.asked()
    if clip is None:
        if not lesson.example:
            st.caption("Choose “Test: predict it” beside the camera and record, or test a file.")
            return
        clip = example.toybox_clip(example.TEST)
    predictions = results.predict(learned, clip.id, clip.digest)
    st.html(summary.sentence_html(words.prediction(predictions)))
    for column, head in zip(st.columns(3), ("appearance", "motion", "fused"), strict=True):
        column.html(figures_html.predictions_html(predictions, head))
    labels = list(lesson.classes)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        own = next((label for label, one in lesson if one.digest == clip.digest), "")
        if own:
            st.write(error_messages.plain(f"It is in the class {own}."))
        elif tests.asked() is not None:
            st.write("Add it to")
            for label in labels:
                st.button(
                    error_messages.plain(label),
                    key=f"lesson_put_{label}",
                    on_click=lambda label=label: _put(lesson, label),
                )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for page, title in (("explore", "Explore"), ("why", "Why"), ("what_if", "What if")):
            if st.button(f"Open in {title}", key=f"lesson_to_{page}"):
                open_on(page, clip.id, learned)


def _test_file() -> None:
    endings = [ending[1:] for ending in ENDINGS]
    given = st.file_uploader("A video (up to 20 s are used)", endings, key="lesson_test_file")
    if given is None:
        return
    told = st.session_state.setdefault("lesson_test_told", {})
    if given.file_id not in told:
        try:
            kept = clips.files().keep(given.getvalue(), printable(given.name))
            tests.ask(doing.as_lesson_clip(kept))
            told[given.file_id] = ""
            close("lesson_test_menu")
        except InputError as problem:
            told[given.file_id] = str(problem)
        st.rerun()
    if told[given.file_id]:
        st.error(error_messages.plain(told[given.file_id]))


def open_on(page: str, clip_id: str, learned: Learned) -> None:
    """Open a clip with the taught network on another page."""
    name = results.keep(learned, taught_networks())
    st.session_state["address"] = {}
    st.switch_page(page_file(page), query_params={"clip": clip_id, "model": name})


def _put(lesson: Lesson, label: str) -> None:
    clip = tests.asked()
    if clip is None:
        return
    try:
        lesson.add(label, clip)
    except InputError as problem:
        st.session_state["lesson_trouble"] = str(problem)
        return
    lesson.example = False
