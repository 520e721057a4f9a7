"""Models: every network, what it is made of and how good it is; the paper's tables; your own."""

import streamlit as st

from app import modelcards, session
from app.machine_section import machine_section
from core.nets.published import NOTE
from core.nets.zoo import own_folder

st.html(modelcards.STYLE)
listed = session.networks()
usable = {one.name: one for one in listed if one.card}
broken = [one for one in listed if not one.card]
names = [*usable]
opened = st.query_params.get("model", "")
table, detail = st.columns([1.5, 1], gap="large")
with table:
    st.subheader("Networks")
    picked = st.dataframe(
        [modelcards.overview(one) for one in usable.values()],
        column_config={
            "network": st.column_config.TextColumn(width=210),
            "accuracy": st.column_config.ProgressColumn(
                format="%.1f %%", min_value=0, max_value=100, width=130
            ),
            "ceiling": st.column_config.NumberColumn(format="%.1f %%", width=75),
            "after": st.column_config.TextColumn(width=85),
            "pooling": st.column_config.TextColumn(width=65),
        },
        placeholder="",
        hide_index=True,
        height="content",
        on_select="rerun",
        selection_mode="single-row-required",
        selection_default={"selection": {"rows": [names.index(opened) if opened in names else 0]}},
        key="models_table",
    )
    st.caption(
        "Choose a row to see its card. The accuracy is that of what a network says in the end, on "
        "unseen clips; the ceiling is the most that anything can reach with what it knows."
    )
    if broken:
        st.html(modelcards.broken_html(broken))
with detail:
    row = min([*picked.selection.rows, 0][0], len(names) - 1)
    one = usable[names[row]]
    st.html(modelcards.card_html(one))
    with st.container(horizontal=True, vertical_alignment="center"):
        asked = st.button("Check what works with it", key="models_check")
        st.page_link("views/explore.py", label="Open in Explore", query_params={"model": one.name})
    if asked or session.was_checked(one):
        with st.spinner("Running it on a generated clip …", show_time=True):
            lines = session.check_of(one)
        st.html(modelcards.checks_html(lines))

st.subheader("The paper's tables")
st.html(modelcards.tables_html(session.tables()))
st.caption(
    f"{NOTE} Toybox: the same fusion at the same place in small towers, on the generated world of "
    "this project, and the most that can be reached there."
)
st.subheader("Bring your own")
st.markdown(
    "**Built of our parts:** put a card `NAME.json` and its weights, `NAME.safetensors` or a state "
    f"dict `NAME.pt`, into `{own_folder()}` (or where `FUSIONSCOPE_MODELS` points). "
    "**Any other two-stream network:** an adapter of about 30 lines, a card and a `forward` that "
    "returns its maps, named by the entry point `fusionscope.models` of your package; the README "
    "has one to copy. It then stands in this list within a minute, and the check above says what "
    "works with it and why the rest does not."
)
machine_section()
