"""Many classes: what page Errors shows where there are too many classes for one figure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from fusionscope.base.numbers import class_name
from fusionscope.evaluation import statistics
from fusionscope.evaluation.class_groups import ClassGroup
from fusionscope.evaluation.head_trial import HeadTrial
from fusionscope_app.errors.filters import chart_key, put, value
from fusionscope_app.glossary.terms import explained
from fusionscope_app.state import address

READABLE = 40  # classes in a figure, at most
PAIRS = 500  # confused pairs in the list, at most
_LIST = 300  # pixels: the height of a list
_PERCENT = st.column_config.NumberColumn(format="%.0f %%")


def ends(ranked: np.ndarray) -> np.ndarray:
    """All classes of a ranking, or the first and the last ``READABLE`` / 2 of many."""
    half = READABLE // 2
    return ranked if len(ranked) <= READABLE else np.concatenate((ranked[:half], ranked[-half:]))


def left_out(ranked: np.ndarray, shown: np.ndarray) -> str:
    """Say that the figure shows only the ends of a ranking; empty if it shows all."""
    if len(ranked) == len(shown):
        return ""
    half = READABLE // 2
    return f" The {half} highest and the {half} lowest of {len(ranked):,} classes."


def table(trial: HeadTrial, name: str) -> None:
    """All classes as a table that can be sorted; a chosen row lists the clips of its class."""
    synergy = statistics.synergy_by_class(trial.fused)
    rows = pd.DataFrame(
        {
            "class": trial.classes,
            "clips": np.bincount(trial.labels, minlength=len(trial.classes)),
            **{
                head: 100 * statistics.per_class(trial.roles[role])
                for role, head in (
                    ("fused", "fused"),
                    ("spatial", "appearance"),
                    ("temporal", "motion"),
                )
            },
            "gain": 100 * statistics.gain_by_class(trial),
            **({} if synergy is None else {"synergy": synergy}),
        }
    )
    key = chart_key(f"all_{name}")
    st.dataframe(
        rows,
        column_config=explained(
            dict.fromkeys(rows)
            | dict.fromkeys(("fused", "appearance", "motion"), _PERCENT)
            | {
                "gain": st.column_config.NumberColumn("gain (points)", format="%+.0f"),
                "synergy": st.column_config.NumberColumn("mean interaction", format="%+.2f"),
            }
        ),
        hide_index=True,
        height=_LIST,
        on_select=lambda: _put_row(key, [{"truth": one} for one in trial.classes]),
        selection_mode="single-row",
        key=key,
        alt="Clips, accuracy of each head, gain and synergy of every class",
    )


def confused_pairs(fused: np.ndarray, other: np.ndarray) -> np.ndarray:
    """(m, 4): truth, prediction, clips of the fused head, clips of the other; the most first."""
    wrong = fused * ~np.eye(len(fused), dtype=bool)
    rows, columns = np.nonzero(wrong)
    shares = wrong[rows, columns] / fused[rows].sum(axis=1)
    order = np.lexsort((-shares, -wrong[rows, columns]))[:PAIRS]
    rows, columns = rows[order], columns[order]
    return np.column_stack((rows, columns, wrong[rows, columns], other[rows, columns]))


def pairs_list(trial: HeadTrial, pairs: np.ndarray) -> None:
    """The most confused pairs as a list; a chosen row lists their clips."""
    counts = np.bincount(trial.labels, minlength=len(trial.classes))
    names = np.array(trial.classes, dtype=object)
    truth, said = names[pairs[:, 0]], names[pairs[:, 1]]
    rows = pd.DataFrame(
        {
            "truth": list(map(class_name, truth)),
            "prediction": list(map(class_name, said)),
            "clips": pairs[:, 2],
            "share": 100 * pairs[:, 2] / counts[pairs[:, 0]],
            "appearance": pairs[:, 3],
        }
    )
    key = chart_key("pairs")
    st.dataframe(
        rows,
        column_config=explained(
            dict.fromkeys(rows)
            | {
                "share": st.column_config.NumberColumn("share of truth", format="%.0f %%"),
                "appearance": "appearance head (clips)",
            }
        ),
        hide_index=True,
        height=_LIST,
        on_select=lambda: _put_row(
            key, [{"truth": t, "said": s} for t, s in zip(truth, said, strict=True)]
        ),
        selection_mode="single-row",
        key=key,
        alt="The most confused pairs of classes, with the number of clips",
    )


def groups_list(trial: HeadTrial, groups: Sequence[ClassGroup]) -> int | None:
    """Groups of confused classes as a list -> which of them is chosen."""
    if not groups:
        st.caption("No classes are confused so often that they form a group.")
        return None
    rows = pd.DataFrame(
        {
            "group": [
                ", ".join(class_name(trial.classes[k]) for k in group.classes) for group in groups
            ],
            "size": [len(group.classes) for group in groups],
            "confused": [group.confused for group in groups],
        }
    )
    number = address.number("errors_group") or 0
    at = number - 1 if 1 <= number <= len(groups) else None
    key = chart_key("groups")

    def chosen() -> None:
        picked = st.session_state[key].selection.rows
        address.put(errors_group=picked[0] + 1 if picked else None)

    st.dataframe(
        rows,
        column_config=explained(
            {"group": "group of classes", "size": "classes in it", "confused": "confused clips"}
        ),
        hide_index=True,
        height=_LIST,
        on_select=chosen,
        selection_mode="single-row",
        selection_default={"selection": {"rows": [] if at is None else [at]}},
        key=key,
        alt="Groups of classes that are confused with each other, with the number of clips",
    )
    return at


def span(group: ClassGroup, order: np.ndarray) -> tuple[int, int]:
    """Where a group stands in an order of the classes (K,): its first place, and after its last."""
    places = np.flatnonzero(np.isin(order, group.classes))
    return int(places[0]), int(places[-1]) + 1


def chosen_cell(names: Sequence[str]) -> tuple[int, int] | None:
    """Row and column of the pair of classes that the filters name, if they name both."""
    both = value("truth"), value("said")
    return (names.index(both[0]), names.index(both[1])) if {*both} <= {*names} else None


def _put_row(key: str, filters: list[dict[str, str]]) -> None:
    rows = st.session_state[key].selection.rows
    put(**(filters[rows[0]] if rows else {}))
