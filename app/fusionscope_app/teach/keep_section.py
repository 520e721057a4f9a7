"""Keep section: download a taught network, and take one back."""

from __future__ import annotations

import streamlit as st

from fusionscope.base.records import InputError
from fusionscope_app.server import demo_mode
from fusionscope_app.state import results
from fusionscope_app.teach.kept_file import packed, taken_back
from fusionscope_app.teach.results import Learned, keep
from fusionscope_app.widgets import error_messages


def keep_section(learned: Learned | None) -> None:
    """Both, in one row."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        if learned is not None:
            own = results.taught()  # the file is made where there is no session
            st.download_button(
                "Keep",
                lambda: packed(learned, keep(learned, own), own.folder),
                f"taught-{learned.key[:8]}.zip",
                "application/zip",
                key="lesson_keep",
                help="Download card, weights and features; the clips stay here. Unpack the file "
                "into the folder of FUSIONSCOPE_MODELS, or take it back on this page.",
                on_click="ignore",
            )
        if demo_mode.may_teach():
            with st.popover("Take back"):
                _take_back()
    if titles := [results.model_title(name) for name in results.taught()]:
        st.caption(
            error_messages.plain(
                f"On the network list of every page until you leave: {'; '.join(titles)}."
            )
        )


def _take_back() -> None:
    given = st.file_uploader("A file that Keep made (ZIP)", "zip", key="lesson_back")
    if given is None:
        return
    told = st.session_state.setdefault("lesson_back_told", {})
    if given.file_id not in told:
        try:
            card = taken_back(given.getvalue(), results.taught().folder)
            results.taught().keep(card)
            told[given.file_id] = ""
        except InputError as problem:
            told[given.file_id] = str(problem)
        st.rerun()
    if told[given.file_id]:
        st.error(error_messages.plain(told[given.file_id]))
    else:
        st.success("It is on the network list of every page.")
