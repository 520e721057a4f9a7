"""Main: what ``streamlit run`` is given: ``app`` for the server, ``main`` for a run of a page."""

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from fusionscope_app.server.first_response import MIDDLEWARE
from fusionscope_app.server.opening_browser import browser_opened
from fusionscope_app.state.sprite_route import ROUTES

app = st.App(__file__, middleware=MIDDLEWARE, lifespan=browser_opened, routes=ROUTES)

if get_script_run_ctx(suppress_warning=True) is not None:
    from fusionscope_app.main import main

    main()
