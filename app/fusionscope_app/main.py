"""Main: the frame of every page, in which the errors of a page are shown."""

from pathlib import Path

import streamlit as st

from fusionscope_app import pages, warmup
from fusionscope_app.components.address_bar import address_bar
from fusionscope_app.components.guide import guide
from fusionscope_app.server.visits import VISITS
from fusionscope_app.state import address
from fusionscope_app.theme.stylesheet import STYLE
from fusionscope_app.widgets import error_messages

_LOGO = Path(__file__).parent / "logo.svg"


@VISITS.page_run()
def main() -> None:
    """Draw the frame and run the page named in the address; called at every run of the script."""
    st.set_page_config("fusionscope", layout="wide", initial_sidebar_state="collapsed")
    st.logo(_LOGO, size="large")
    st.html(STYLE)
    warmup.warm()
    page = st.navigation(pages.all_pages(), position="top")
    st.set_page_config(f"{page.title} · fusionscope")
    with st.container(key="page_title"):
        st.html(f"<h1>{page.title}</h1>")
    address_bar(address.KEYS, key="address_bar")
    address.carry_over(page.url_path)
    guide(page.url_path)
    with st.container():  # one place, a lesson or none: else the page below is recreated
        _lesson(page.url_path or next(iter(pages.TITLES)))
    with error_messages.shown_errors():
        page.run()


def _lesson(page: str) -> None:
    """Show the open lesson, and go to the page that it shows."""
    if not (address.word("lesson") or "learn_page" in st.session_state):
        return
    from fusionscope_app.learn import strip  # not for the first view

    with error_messages.shown_errors():
        strip.follow(page)
        strip.strip(page)
