"""Narrowing: which of the filtered clips are shown by their tags and labels, and how."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from fusionscope.base.records import digest_of
from fusionscope.evaluation.head_trial import HeadTrial
from fusionscope.evaluation.review.odd_labels import odd_labels
from fusionscope.evaluation.review.tag_file import Review
from fusionscope_app.server import demo_mode
from fusionscope_app.state import address
from fusionscope_app.state.results import cached

VIEWS = ("List", "Thumbnails")
TAGGED, NOTED = "*", "*note"  # choices of the tag filter that are no tag


def narrowed(
    trial: HeadTrial, rows: np.ndarray, reviews: Mapping[str, Review]
) -> tuple[np.ndarray, str]:
    """(m,) rows -> those that match the tag and the label filter, and the chosen view.

    If the label filter is on, they are sorted by confidence of the contradiction.
    """
    where = st.columns([1.3, 1.3, 2.2, 2.4], vertical_alignment="bottom")
    shown = address.option("errors_clips", VIEWS, VIEWS[0])
    where[0].segmented_control(
        "Show as",
        VIEWS,
        required=True,
        **address.bound("errors_clips", shown, usual=VIEWS[0]),
    )
    tag = _tag_choice(where[1], reviews)
    odd = cached(
        "odd_labels",
        digest_of(trial.fused.labels, trial.fused.scores),
        make=lambda: odd_labels(trial.fused),
    )
    where[2].toggle(
        f"Only labels that may be wrong ({len(odd):,})",
        help="The fused head confidently predicts another class: its probability reaches the mean "
        "that the clips of that class get (confident learning, Northcutt et al. 2021). Look at "
        "the clip before you judge the label.",
        **address.bound("errors_odd", address.switch("errors_odd"), usual=False),
    )
    if address.switch("errors_odd"):
        rows = odd[np.isin(odd, rows)]
    if tag:
        rows = rows[[_has(reviews.get(trial.fused.clips[row]), tag) for row in rows]]
    return rows, shown


def _tag_choice(where: DeltaGenerator, reviews: Mapping[str, Review]) -> str:
    """The chosen tag, TAGGED or NOTED; empty: any clip."""
    if demo_mode.is_demo():
        return ""
    counts = Counter(tag for review in reviews.values() for tag in review.tags)
    names = {
        TAGGED: f"any tag ({sum(bool(one.tags) for one in reviews.values()):,})",
        NOTED: f"any note ({sum(bool(one.note) for one in reviews.values()):,})",
        **{tag: f"{tag} ({counts[tag]:,})" for tag in sorted(counts)},
    }
    chosen = address.word("errors_tag")
    where.selectbox(
        "Tag",
        list(names),
        index=None,
        format_func=names.__getitem__,
        placeholder="any",
        **address.bound("errors_tag", chosen if chosen in names else None),
    )
    return chosen if chosen in names else ""


def _has(review: Review | None, tag: str) -> bool:
    if review is None:
        return False
    if tag == NOTED:
        return bool(review.note)
    return bool(review.tags) if tag == TAGGED else tag in review.tags


def tag_words(review: Review | None) -> str:
    """Tags of a clip, joined by commas."""
    return ", ".join(review.tags) if review else ""


def note_words(review: Review | None) -> str:
    """The note of a clip."""
    return review.note if review else ""


def review_columns() -> dict[str, Any]:
    """The columns of tags and notes in the list of clips."""
    return {
        "tags": {"label": "tags", "help": "Words that people gave to the clip on this page."},
        "note": {"label": "note", "help": "What people wrote about the clip on this page."},
    }
