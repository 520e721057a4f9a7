"""Error sections: the views of a trial. Choosing a mark in one sets the filters."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np
import streamlit as st

from fusionscope.evaluation import sentences, statistics
from fusionscope.evaluation.head_trial import HeadTrial
from fusionscope_app.components.outcome_table import eight_table
from fusionscope_app.errors import many_classes, plots
from fusionscope_app.errors.chart import show_chart
from fusionscope_app.errors.confusion_section import confusion_section
from fusionscope_app.errors.filters import CELLS, SURE, put, value
from fusionscope_app.errors.kept import of_trial
from fusionscope_app.errors.late.late_section import late_section
from fusionscope_app.errors.point_sections import map_section, streams_section
from fusionscope_app.errors.slices.slice_section import slice_section
from fusionscope_app.errors.trial_choice import ROLES
from fusionscope_app.markup import summary
from fusionscope_app.widgets import plot_colours


def help_section(trial: HeadTrial) -> None:
    """The outcome table, fusion versus each head, synergy and gain by class."""
    table, words = st.columns([1.7, 1], gap="large")
    with table:
        chosen = 7 - CELLS.index(value("part")) if value("part") in CELLS else None
        eight_table(
            np.bincount(statistics.cells(trial), minlength=8),
            chosen,
            key="errors_eight",
            on_pick=lambda cell: put(part=None if cell is None else CELLS[7 - cell]),
        )
        st.caption(
            "Filled: fused correct. Dashed: fused incorrect. Choose a cell to list its clips."
        )
    with words:
        for role in [role for role in trial.roles if role != "fused"]:
            words_of = of_trial(
                trial, "gain", role, make=partial(sentences.gain_words, trial, role)
            )
            st.html(summary.aside_html(words_of))
        with st.container(horizontal=True, gap="small"):
            for name, part in statistics.PARTS.items():
                if name.startswith(("rescued", "hurt", "gained", "lost")):
                    _part_button(name, int(part(trial).sum()))
        st.caption(
            "Rescued: only fusion is correct. Lost: a stream is correct, fusion is incorrect. The "
            f"better stream is {'motion' if trial.better == 'temporal' else 'appearance'}."
        )
    gain = statistics.gain_by_class(trial)
    synergy = statistics.synergy_by_class(trial.fused)
    ranked = np.argsort(np.nan_to_num(-(gain if synergy is None else synergy)), kind="stable")
    order = many_classes.ends(ranked)
    st.header("By class")
    show_chart(
        st,
        "synergy",
        plots.synergy_bars(
            None if synergy is None else synergy[order],
            gain[order],
            [trial.classes[k] for k in order],
            plot_colours.shades(),
        ),
        _put_class,
        "Mean interaction and gain of fusion over the better stream, by class",
    )
    missing = " Interaction is unknown: the file has no ledger of the fused head."
    st.caption(
        "Gain: accuracy of fusion minus that of the better stream in the class. Interaction: "
        "contribution of the interaction of both streams to the score of the true class."
        + (missing if synergy is None else "")
        + many_classes.left_out(ranked, order)
    )
    if len(order) < len(ranked):
        many_classes.table(trial, "help")


def class_section(trial: HeadTrial) -> None:
    """Accuracy in each class: appearance, motion, fused."""
    shares = {role: statistics.per_class(head) for role, head in trial.roles.items()}
    ranked = np.argsort(np.nan_to_num(-shares["fused"], nan=1), kind="stable")
    order = many_classes.ends(ranked)
    counts = np.bincount(trial.labels, minlength=len(trial.classes))
    show_chart(
        st,
        "classes",
        plots.class_bars(
            {role: share[order] for role, share in shares.items()},
            counts[order],
            [trial.classes[k] for k in order],
            plot_colours.shades(),
        ),
        _put_class,
        "Accuracy of the appearance, motion and fused heads in each class",
    )
    if len(order) < len(ranked):
        st.caption(many_classes.left_out(ranked, order).strip())
        many_classes.table(trial, "classes")


def reliability_section(trial: HeadTrial) -> None:
    """Accuracy against confidence, and the calibration error of each head."""
    plot, words = st.columns([1.7, 1], gap="large")
    found = statistics.reliability(trial.fused)
    show_chart(
        plot,
        "reliability",
        plots.reliability_bars(found, plot_colours.shades()),
        lambda point: put(sure=SURE[int(point["point_index"])]),
        "Accuracy of the fused head by its confidence",
    )
    words.write(f"{sentences.calibration(trial.fused)} Calibration error of the others:")
    for role, head in trial.roles.items():
        if role != "fused":
            words.write(f"{ROLES[role]}: {statistics.reliability(head).error:.3f}")
    words.caption(
        f"{statistics.BINS} bins of equal width; the number on a bar counts its clips. Below the "
        "dotted line, confidence exceeds accuracy."
    )


def _part_button(name: str, count: int) -> None:
    if count or "late" not in name:
        st.button(
            f"{count} {sentences.outcome_title(name)}",
            key=f"errors_part_{name}",
            type="primary" if value("part") == name else "secondary",
            on_click=lambda: put(part=None if value("part") == name else name),
        )


def _put_class(point: dict[str, Any]) -> None:
    put(truth=html.unescape(str(point["y"])))


def section_title(name: str) -> str:
    """A section's name as shown; the address keeps its ``name``."""
    return f"{name}?" if name.startswith("Does") else name


SECTIONS: Mapping[str, Callable[[HeadTrial], None]] = MappingProxyType(
    {
        "Does fusion help": help_section,
        "Confusion": confusion_section,
        "Per class": class_section,
        "Slices": slice_section,
        "Reliability": reliability_section,
        "Map of clips": map_section,
        "Appearance against motion": streams_section,
        "Late fusion": late_section,
    }
)
