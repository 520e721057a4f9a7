"""Point sections: each clip as a point, on the map of clips and by both streams' confidence."""

from __future__ import annotations

import numpy as np
import streamlit as st

from fusionscope.evaluation import statistics
from fusionscope.evaluation.head_trial import HeadTrial
from fusionscope_app.components.points import points
from fusionscope_app.errors.filters import marked, put
from fusionscope_app.errors.kept import of_trial
from fusionscope_app.state import address

_PAINTS = ("share of motion", "correct or incorrect")


def map_section(trial: HeadTrial) -> None:
    """A map on which clips with similar features are close together."""
    if trial.fused.places is None:
        st.info(
            "The file has no map coordinates (columns x and y) for the fused head. "
            "`fusionscope evaluate` writes them."
        )
        return
    shares = statistics.motion_shares(trial.fused)
    points(
        trial.fused,
        trial.fused.places,
        "Each clip as a point; clips with similar features are close together",
        values=shares if _paint(shares) == _PAINTS[0] else None,
        marked=marked(),
        key="errors_map",
        on_pick=lambda rows: _put_clips(trial, rows),
    )
    st.caption(
        "Clips that are close together have similar features before the last layer (t-SNE; large "
        "distances mean little). Choose a point, or draw a box around several."
    )


def streams_section(trial: HeadTrial) -> None:
    """The probability that each stream gives the true class of each clip."""
    shares = statistics.motion_shares(trial.fused)
    sure = of_trial(
        trial,
        "truth",
        make=lambda: np.column_stack(
            [statistics.truth_probability(one) for one in (trial.spatial, trial.temporal)]
        ),
    )
    points(
        trial.fused,
        sure,
        "Each clip as a point: probability of the true class by appearance and by motion",
        axes=("appearance: p(true class)", "motion: p(true class)"),
        values=shares if _paint(shares) == _PAINTS[0] else None,
        marked=marked(),
        key="errors_streams",
        on_pick=lambda rows: _put_clips(trial, rows),
    )
    st.caption(
        "Upper left: motion recognises the clip, appearance does not; lower right: the reverse; "
        "lower left: neither. Choose a point, or draw a box around several, to list the clips."
    )


def _paint(shares: np.ndarray | None) -> str:
    """What the colours mean; without a ledger they can only mean correct or incorrect."""
    if shares is None:
        return _PAINTS[1]
    paint = address.option("errors_paint", _PAINTS, _PAINTS[0])
    bound = address.bound("errors_paint", paint, usual=_PAINTS[0])
    return st.segmented_control("Colour", _PAINTS, required=True, **bound) or paint


def _put_clips(trial: HeadTrial, rows: list[int]) -> None:
    put()
    st.session_state["errors_marked"] = tuple(trial.fused.clips[row] for row in rows)
