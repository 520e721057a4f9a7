"""Models: every trained network, what it is made of and what it was measured at."""

import streamlit as st

from app import session

st.subheader("Networks")
st.dataframe(
    [
        {
            "network": card.title,
            "towers": card.backbone,
            "fusion": f"{card.fusion} at {card.place}" if card.fusion else "none",
            "pooling": card.pool,
            "T": card.chunks,
            "L": card.stack,
            "parameters": card.parameters,
            "accuracy": ", ".join(f"{head} {share:.1%}" for head, share in card.accuracy),
            "ceiling": ", ".join(f"{head} {share:.1%}" for head, share in card.ceiling),
            "data": card.data,
            "licence": card.licence,
            "weights": card.sha256[:12],
        }
        for card in session.models().values()
    ],
    hide_index=True,
    width="stretch",
)
st.caption(
    "Accuracy is the share of unseen clips named rightly. The ceiling is the best that any network "
    "can do with what this one can know; it follows from how the Toybox world is made."
)
