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
    with error_messages.shown_errors():
        page.run()
