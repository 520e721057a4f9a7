"""Confusion section: which classes are taken for each other, for any number of classes."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from fusionscope.evaluation import statistics
from fusionscope.evaluation.class_groups import NEAR, class_groups, neighbours
from fusionscope.evaluation.head_trial import HeadTrial
from fusionscope_app.components.matrix import matrix
from fusionscope_app.errors import confusion_plots, many_classes
from fusionscope_app.errors.chart import show_chart
from fusionscope_app.errors.filters import put
from fusionscope_app.errors.kept import of_trial
from fusionscope_app.widgets import plot_colours


def confusion_section(trial: HeadTrial) -> None:
    """The confusion of the fused head, and its difference from that of appearance.

    Of many classes: the most confused pairs, groups of confused classes, and one matrix that is
    zoomed and searched.
    """
    fused, spatial = of_trial(
        trial,
        "confusion",
        make=lambda: tuple(map(statistics.confusion, (trial.fused, trial.spatial))),
    )
    if len(trial.classes) <= many_classes.READABLE:
        _matrices(trial, fused, spatial, neighbours(fused))
        return
    _overview(trial, fused, spatial)


def _overview(trial: HeadTrial, fused: np.ndarray, spatial: np.ndarray) -> None:
    """Most confused pairs, groups of confused classes, and the whole matrix, which is zoomed."""
    pairs = many_classes.confused_pairs(fused, spatial)
    if not len(pairs):
        st.info("The fused head confuses no classes.")
        return
    order = of_trial(trial, "order", make=lambda: neighbours(fused))
    groups = of_trial(trial, "groups", make=lambda: class_groups(fused))
    both = st.columns(2, gap="medium")
    with both[0]:
        st.markdown("**Most confused pairs**")
        many_classes.pairs_list(trial, pairs)
    with both[1]:
        st.markdown("**Groups of confused classes**")
        at = many_classes.groups_list(trial, groups)
    st.caption(
        "Choose a pair to list its clips, a group to enlarge it below. In a group, on average at "
        f"least {100 * NEAR:g} % of the clips of one class are predicted as another "
        "(average linkage)."
    )
    st.header(f"All {len(order):,} classes")
    names = [trial.classes[k] for k in order]
    matrix(
        fused[np.ix_(order, order)],
        names,
        many_classes.span(groups[at], order) if at is not None else (0, len(order)),
        many_classes.chosen_cell(names),
        key="errors_matrix",
        on_pick=lambda row, column: put(truth=names[row], said=names[column]),
    )
    st.caption(
        "Rows: truth; columns: prediction of the fused head; darker: more clips. Grey: correct. "
        "Commonly confused classes are adjacent. Drag to move; the wheel zooms once the matrix "
        "has been clicked. Choose a cell to list its clips."
    )


def _matrices(trial: HeadTrial, fused: np.ndarray, spatial: np.ndarray, order: np.ndarray) -> None:
    names = [trial.classes[k] for k in order]
    both = st.columns(2, gap="medium")
    drawn = (
        ("confusion", "Fused", fused, "Clips by truth and prediction of the fused head"),
        ("change", "Fused minus appearance", fused - spatial, "Change of each cell by fusion"),
    )
    for where, (name, title, table, alt) in zip(both, drawn, strict=True):
        where.markdown(f"**{title}**")
        show_chart(
            where,
            name,
            confusion_plots.confusion_map(
                table[np.ix_(order, order)], names, plot_colours.shades(), signed=name == "change"
            ),
            lambda point: _put_pair(point, names),
            alt,
        )
    st.caption(
        "Commonly confused classes are adjacent. The right plot shows where the fused head has "
        "more (+, red) or fewer (\N{MINUS SIGN}, blue) clips than the appearance head. Choose a "
        "cell to list its clips."
    )


def _put_pair(point: dict[str, Any], names: list[str]) -> None:
    row, column = point["customdata"]
    put(truth=names[int(row)], said=names[int(column)])
