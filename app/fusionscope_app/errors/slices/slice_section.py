"""Slice section: accuracy, gain and interaction in each part of the data set."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from fusionscope.evaluation.head_trial import HeadTrial
from fusionscope.evaluation.slices.compare_slices import Slice, compare_slices
from fusionscope.evaluation.slices.slice_words import findings, method_words, record_of
from fusionscope_app.errors.chart import show_chart
from fusionscope_app.errors.filters import chart_key, put
from fusionscope_app.errors.kept import of_trial
from fusionscope_app.errors.slices.slice_plot import TITLES, slice_plot
from fusionscope_app.glossary.terms import explained
from fusionscope_app.markup import summary
from fusionscope_app.state import address
from fusionscope_app.widgets import plot_colours

_MEASURES = {"accuracy": "accuracy", "gain": "gain of fusion", "synergy": "interaction"}
_HEADS = {"fused": "fused", "spatial": "appearance", "temporal": "motion"}
_PERCENT = st.column_config.NumberColumn(format="%.0f %%")


def slice_section(trial: HeadTrial) -> None:
    """Intervals of one measure by slice, then all numbers as a table, and their export."""
    slices = of_trial(trial, "slices", make=lambda: compare_slices(trial))
    if not slices:
        st.info(
            "The file has no column that describes its clips. Any column that is not needed for "
            "something else can be used, such as camera, view, quality or length; `docs/data.md` "
            "lists the columns."
        )
        return
    measure, shown = _choices(slices)
    st.html(summary.aside_html(findings(slices, measure)))
    show_chart(
        st,
        "slices",
        slice_plot(shown, measure, _whole(trial, measure), plot_colours.shades()),
        lambda point: put(slice=str(point["customdata"])),
        f"{TITLES[measure]} in each slice with its interval; the dotted line is that of all clips",
    )
    gain = " Gain: accuracy of fusion minus that of the better stream."
    st.caption(
        "Filled: differs from the other clips after correction. Dotted: all clips."
        f"{gain if measure == 'gain' else ''} Choose a mark or a row to list its clips. "
        f"{method_words(by_groups=bool(trial.groups))}"
    )
    _table(trial, shown, measure)
    st.download_button(
        "Download the slices (JSON)",
        lambda: json.dumps([record_of(one) for one in slices], indent=1, ensure_ascii=False),
        "slices.json",
        "application/json",
        on_click="ignore",
        key="errors_slices_json",
    )


def _choices(slices: Sequence[Slice]) -> tuple[str, list[Slice]]:
    """The measure, and the slices of the chosen columns."""
    there = [name for name in _MEASURES if name in slices[0].measures]
    columns = list(dict.fromkeys(one.column for one in slices))
    where = st.columns([1, 2.2], vertical_alignment="bottom")
    measure = address.option("errors_measure", there, there[0])
    measure = (
        where[0].segmented_control(
            "Measure",
            there,
            format_func=_MEASURES.__getitem__,
            required=True,
            **address.bound("errors_measure", measure, usual=there[0]),
        )
        or measure
    )
    picked = [at for at in address.numbers("errors_columns") if at < len(columns)]
    picked = where[1].pills(
        "Columns (none: all)",
        range(len(columns)),
        format_func=columns.__getitem__,
        selection_mode="multi",
        **address.bound(
            "errors_columns",
            picked,
            write=lambda found: address.put(errors_columns=tuple(sorted(found)) or None),
        ),
    ) or range(len(columns))
    chosen = {columns[at] for at in picked}
    return measure, [one for one in slices if one.column in chosen]


def _whole(trial: HeadTrial, measure: str) -> float:
    """A measure over all clips."""
    if measure == "synergy" and trial.fused.terms is not None:
        return float(trial.fused.terms[:, 3].mean())
    fused = trial.fused.right.mean()
    better = trial.roles[trial.better].right.mean()
    return float(fused if measure == "accuracy" else fused - better)


def _table(trial: HeadTrial, slices: Sequence[Slice], measure: str) -> None:
    """All measures of the slices; a chosen row lists its clips."""
    found = [one.measures[measure] for one in slices]
    scale = 1 if measure == "synergy" else 100
    rows = pd.DataFrame(
        {
            "column": [one.column for one in slices],
            "value": [one.value for one in slices],
            "clips": [len(one.rows) for one in slices],
            "groups": [one.groups for one in slices],
            **{
                name: [100 * float(np.mean(trial.roles[role].right[one.rows])) for one in slices]
                for role, name in _HEADS.items()
            },
            "gain": [100 * one.measures["gain"].inside.mean for one in slices],
            **(
                {"synergy": [one.measures["synergy"].inside.mean for one in slices]}
                if "synergy" in slices[0].measures
                else {}
            ),
            "difference": [scale * one.difference.mean for one in found],
            "p": [one.corrected for one in found],
        }
    )
    unit = "" if measure == "synergy" else " (points)"
    key = chart_key("slice_table")

    def chosen() -> None:
        picked = st.session_state[key].selection.rows
        put(slice=slices[picked[0]].name if picked else None)

    st.dataframe(
        rows,
        column_config=explained(
            dict.fromkeys(rows)
            | dict.fromkeys(_HEADS.values(), _PERCENT)
            | {
                "gain": st.column_config.NumberColumn("gain (points)", format="%+.0f"),
                "synergy": st.column_config.NumberColumn("mean interaction", format="%+.2f"),
                "difference": st.column_config.NumberColumn(
                    f"{_MEASURES[measure]} versus other clips{unit}",
                    format="%+.2f" if measure == "synergy" else "%+.1f",
                ),
                "p": st.column_config.NumberColumn("corrected p", format="%.2g"),
            }
        ),
        hide_index=True,
        height=min(300, 38 + 35 * len(rows)),
        placeholder="not tested",
        on_select=chosen,
        selection_mode="single-row",
        key=key,
        alt="Slices with their clips, accuracy of each head, gain, interaction and p-value",
    )
