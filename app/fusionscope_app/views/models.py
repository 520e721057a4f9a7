"""Models: structure and accuracy of every network, the paper's tables, your own networks."""

import streamlit as st

from fusionscope.base.paths import models_folder
from fusionscope.nets.inspect.paper_tables import NOTE
from fusionscope_app.models import cards_html
from fusionscope_app.models.machine_section import machine_section
from fusionscope_app.models.network_table import chosen_network
from fusionscope_app.pages import page_file
from fusionscope_app.state import results

listed = results.listed()
usable = {one.name: one for one in listed if one.card}
broken = [one for one in listed if not one.card]
table, detail = st.columns([1.5, 1], gap="large")
with table:
    st.header("Networks")
    one = chosen_network(usable)
    st.caption(
        "Choose a row to see its card. The accuracy is that of the final prediction on unseen "
        "clips. The ceiling is the best possible accuracy with the inputs of the network; "
        "a measured accuracy can be above it by chance."
    )
    if broken:
        st.html(cards_html.broken_html(broken))
with detail:
    st.html(cards_html.card_html(one))
    with st.container(horizontal=True, vertical_alignment="center"):
        asked = st.button("Check this network", key="models_check")
        st.page_link(
            page_file("explore"), label="Open in Explore", query_params={"model": one.name}
        )
    if asked or results.was_checked(one):
        with st.spinner("Running the network on a generated clip …", show_time=True):
            lines = results.check_of(one)
        st.html(cards_html.checks_html(lines))

st.header("The paper's tables")
st.html(cards_html.tables_html(results.tables()))
st.caption(
    f"{NOTE} Toybox: accuracy and ceiling of the same fusion at the same place in small towers, on "
    "the generated clips of this project."
)
st.header("Bring your own")
st.markdown(
    "**A network built from our parts:** put a card `NAME.json` and its weights "
    f"(`NAME.safetensors`, or a state dict `NAME.pt`) into `{models_folder()}`. "
    "To use another folder, set `FUSIONSCOPE_MODELS`.\n\n"
    "**Any other two-stream network:** write an adapter of about 30 lines, with a card and a "
    "`forward` that returns its maps. Register it as an entry point `fusionscope.models` of your "
    "package; `docs/bring-your-own.md` has an example.\n\n"
    "The network appears in the list above within a minute. Its check shows what works with it, "
    "and why the rest does not."
)
machine_section()
