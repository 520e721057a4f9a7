"""Error sections: a trial seen from five sides. A mark picked there sets the filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import streamlit as st
from plotly.graph_objects import Figure

from app import controls, error_plots, figures
from app.eight import eight_table
from app.error_files import ROLES
from app.error_filters import CELLS, SURE, chart_key, on_mark, put, value
from core.study import errors, findings
from core.study.trial import Trial


def help_section(trial: Trial) -> None:
    """The table of eight cells, fusion against each head, and synergy by class."""
    table, words = st.columns([1.7, 1], gap="large")
    with table:
        chosen = 7 - CELLS.index(value("part")) if value("part") in CELLS else None
        eight_table(
            np.bincount(errors.cells(trial), minlength=8),
            chosen,
            key="errors_eight",
            on_pick=lambda cell: put(part=None if cell is None else CELLS[7 - cell]),
        )
        st.caption("Filled: fused right. Dashed: fused wrong. Choose a cell to list its clips.")
    with words:
        for role in [role for role in trial.roles if role != "fused"]:
            st.html(figures.aside_html(findings.gain_words(trial, role)))
        with st.container(horizontal=True, gap="small"):
            for name, part in errors.PARTS.items():
                if name.startswith(("rescued", "hurt", "gained", "lost")):
                    _part_button(name, int(part(trial).sum()))
        st.caption(
            "Rescued: both streams miss it. Hurt: a stream has it and fusion does not. The better "
            f"stream is {'motion' if trial.better == 'temporal' else 'appearance'}."
        )
    gain = errors.gain_by_class(trial)
    synergy = errors.synergy_by_class(trial.fused)
    order = np.argsort(np.nan_to_num(-(gain if synergy is None else synergy)), kind="stable")
    st.subheader("By class")
    _chart(
        st,
        "synergy",
        error_plots.synergy_bars(
            None if synergy is None else synergy[order],
            gain[order],
            [trial.classes[k] for k in order],
            controls.shades(),
        ),
        _put_class,
        "Mean synergy of each class, and what fusion gains over the better stream in it",
    )
    missing = " The file holds no ledger of the fused head, so its synergy is not known."
    st.caption(
        "Gain: what fusion names rightly of a class, less what the stream does that is better in "
        "it. Synergy: what only both streams together add to the score of the label."
        + (missing if synergy is None else "")
    )


def confusion_section(trial: Trial) -> None:
    """What is taken for what by the fused head, and what that changes against appearance."""
    fused = errors.confusion(trial.fused)
    order = errors.neighbours(fused)
    change = fused - errors.confusion(trial.spatial)
    names = [trial.classes[k] for k in order]
    both = st.columns(2, gap="medium")
    drawn = (
        ("confusion", "Fused", fused, "Clips by truth and by what the fused head says"),
        ("change", "Fused less appearance alone", change, "What fusion adds to each cell"),
    )
    for where, (name, title, table, alt) in zip(both, drawn, strict=True):
        where.markdown(f"**{title}**")
        _chart(
            where,
            name,
            error_plots.confusion_map(
                table[np.ix_(order, order)], names, controls.shades(), signed=name == "change"
            ),
            lambda point: _put_pair(point, names),
            alt,
        )
    st.caption(
        "Classes that are taken for each other stand side by side. On the right a colour of its "
        "own each: more clips than with appearance alone, and fewer. A cell lists the clips that "
        "the fused head puts there."
    )


def class_section(trial: Trial) -> None:
    """How many of each class are named rightly by either stream and by both."""
    shares = {role: errors.per_class(head) for role, head in trial.roles.items()}
    order = np.argsort(np.nan_to_num(-shares["fused"], nan=1), kind="stable")
    counts = np.bincount(trial.labels, minlength=len(trial.classes))
    _chart(
        st,
        "classes",
        error_plots.class_bars(
            {role: share[order] for role, share in shares.items()},
            counts[order],
            [trial.classes[k] for k in order],
            controls.shades(),
        ),
        _put_class,
        "Share of each class named rightly by appearance, by motion and fused",
    )


def reliability_section(trial: Trial) -> None:
    """Whether a head is right as often as it is sure."""
    plot, words = st.columns([1.7, 1], gap="large")
    found = errors.reliability(trial.fused)
    _chart(
        plot,
        "reliability",
        error_plots.reliability_bars(found, controls.shades()),
        lambda point: put(sure=SURE[int(point["point_index"])]),
        "Share of right answers of the fused head by how sure it is",
    )
    over = np.nansum(found.counts * (found.sure - found.right)) / found.counts.sum()
    how = "surer than it is right" if over > 0 else "less sure than it is right"
    words.write(
        f"The fused head is on average **{abs(over):.2f}** {how}. Its expected calibration error "
        f"is **{found.error:.3f}**; that of the others:"
    )
    for role, head in trial.roles.items():
        if role != "fused":
            words.write(f"{ROLES[role]}: {errors.reliability(head).error:.3f}.")
    words.caption(
        f"{errors.BINS} bins of equal width; on each bar its number of clips. Below the dotted "
        "line a head is surer than it is right."
    )


def map_section(trial: Trial) -> None:
    """Clips with like features near each other."""
    if trial.fused.places is None:
        st.info(
            "The file holds no places (columns x and y) for the fused head; `fusionscope evaluate` "
            "writes them."
        )
        return
    shares = errors.motion_shares(trial.fused)
    paint = "share of motion"
    if shares is not None:
        paint = st.segmented_control(
            "Colour", [paint, "right or wrong"], default=paint, required=True, key="errors_paint"
        )
    told = [
        f"{clip}: {trial.classes[truth]}, said {trial.classes[said]}"
        for clip, truth, said in zip(trial.fused.clips, trial.labels, trial.fused.said, strict=True)
    ]
    key = chart_key("map")
    st.plotly_chart(
        error_plots.clip_map(
            trial.fused.places,
            trial.fused.clips,
            told,
            trial.fused.right,
            shares if paint == "share of motion" else None,
            controls.shades(),
        ),
        key=key,
        on_select=lambda: _put_clips(key),
        selection_mode=("points", "box", "lasso"),
        config={"displaylogo": False},
        alt="Each clip as a point, those with like features near each other",
    )
    st.caption(
        "Near each other: clips whose features in front of the last layer are alike (t-SNE; what "
        "lies far apart need not differ much). A cross is a clip that the fused head names "
        "wrongly. Pick a point, or draw a box or a lasso round several."
    )


def _chart(
    where: Any, name: str, figure: Figure, put_point: Callable[[dict[str, Any]], None], alt: str
) -> None:
    """A figure in which a picked mark sets the filters."""
    key = chart_key(name)
    where.plotly_chart(
        figure,
        key=key,
        on_select=on_mark(key, put_point),
        selection_mode="points",
        config={"displayModeBar": False},
        alt=alt,
    )


def _part_button(name: str, count: int) -> None:
    if count or "late" not in name:
        st.button(
            f"{count} {name}",
            key=f"errors_part_{name}",
            type="primary" if value("part") == name else "secondary",
            on_click=lambda: put(part=None if value("part") == name else name),
        )


def _put_class(point: dict[str, Any]) -> None:
    put(truth=str(point["y"]))


def _put_pair(point: dict[str, Any], names: list[str]) -> None:
    row, column = point["customdata"]
    put(truth=names[int(row)], said=names[int(column)])


def _put_clips(key: str) -> None:
    points = st.session_state[key].selection.points
    put()
    st.session_state["errors_marked"] = tuple(str(point["customdata"]) for point in points)


SECTIONS: Mapping[str, Callable[[Trial], None]] = MappingProxyType(
    {
        "Does fusion help": help_section,
        "Confusion": confusion_section,
        "Per class": class_section,
        "Reliability": reliability_section,
        "Map of clips": map_section,
    }
)
