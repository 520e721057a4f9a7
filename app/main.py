"""Main: the frame about every page, and where a page's trouble is told."""

from pathlib import Path

import streamlit as st

from app import address, figures, flow_tables, lens_figures, session, telling, why_figures

st.set_page_config("fusionscope", layout="wide", initial_sidebar_state="collapsed")
here = Path(__file__).parent
st.logo(here / "logo.svg", size="large")
st.html(figures.STYLE)
st.html(lens_figures.STYLE)
st.html(flow_tables.STYLE)
st.html(why_figures.STYLE)
session.warm()

pages = [
    st.Page(here / "views/explore.py", title="Explore", default=True),
    st.Page(here / "views/fusion.py", title="Fusion"),
    st.Page(here / "views/why.py", title="Why"),
    st.Page(here / "views/what_if.py", title="What if"),
    st.Page(here / "views/flow.py", title="Flow"),
    st.Page(here / "views/compare.py", title="Compare"),
    st.Page(here / "views/errors.py", title="Errors"),
    st.Page(here / "views/models.py", title="Models"),
]
page = st.navigation(pages, position="top")
address.carry_over(page.url_path)
with telling.told():
    page.run()
