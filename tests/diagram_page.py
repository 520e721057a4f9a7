"""A page with the diagram alone: what it was told to draw, and what came back from it."""

import streamlit as st

from fusionscope.card import Card
from fusionscope.nets.inspect.structure import structure
from fusionscope_app.components.diagram import diagram

LABELS = ("one", "two <b>three</b>")
PAPER = Card(
    *("paper", "Two <b>towers</b>", LABELS, "vgg-m-2048", "vgg-m-2048"),
    fusion="conv3d",
    place="relu5",
    pool="3d",
)
LATE = Card("late", "Late", LABELS, "vgg-m-2048", "vgg-m-2048", fusion="sum", place="softmax")


def pick(stage: tuple[str, str]) -> None:
    """Choose what was picked."""
    st.session_state["chosen"] = stage


st.set_page_config(layout="wide")
state = st.session_state
net = LATE if st.checkbox("late") else PAPER
diagram(structure(net), state.get("chosen"), key="net", on_pick=pick)
st.text(f"chosen: {state.get('chosen')}")
