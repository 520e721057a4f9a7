"""Clip list: the clips that match the filters; each opens in Explore if its video is found."""

from __future__ import annotations

from contextlib import suppress
from pathlib import PureWindowsPath
from urllib.parse import urlencode

import numpy as np
import pandas as pd
import streamlit as st

from fusionscope.base import paths
from fusionscope.base.numbers import class_name
from fusionscope.base.records import InputError, digest_of
from fusionscope.evaluation.clip_map import similar_mistakes
from fusionscope.evaluation.head_trial import HeadTrial
from fusionscope.evaluation.sentences import clips
from fusionscope.evaluation.statistics import motion_shares
from fusionscope.explain.ledger.ledger import Ledger
from fusionscope_app.errors import export
from fusionscope_app.errors.filters import filters, marked, put
from fusionscope_app.errors.review.narrowing import narrowed, note_words, review_columns, tag_words
from fusionscope_app.errors.review.sheet_section import sheet_section
from fusionscope_app.errors.review.tag_editor import tag_editor
from fusionscope_app.errors.review.tag_store import reviews_of
from fusionscope_app.glossary.terms import explained
from fusionscope_app.markup import summary
from fusionscope_app.pages import page_file
from fusionscope_app.state import clip_sources, results
from fusionscope_app.state.clips import data_clips
from fusionscope_app.widgets.error_messages import plain

_SIMILAR = 12  # similar mistakes that are listed
_EACH = {"spatial": "Appearance head", "temporal": "motion head", "late": "late fusion"}
_SAYS = ("fused says", "appearance says", "motion says", "late fusion says")  # columns of the list


def clips_section(trial: HeadTrial) -> None:
    """Filters, the matching clips as a list or as thumbnails, details, tags and notes."""
    reviews = reviews_of(trial)
    rows, shown_as = narrowed(trial, filters(trial), reviews)
    ids = _ids(trial, rows)
    on_map = f"; {clips(len(marked()))} chosen" if marked() else ""
    st.markdown(f"**{clips(len(rows))}** of {len(trial.labels):,}{on_map}")
    if not len(rows):
        st.caption("No clip matches these filters.")
        return
    listed = table(trial, rows)
    if any(clip in reviews for clip in listed["clip"]):
        own = [reviews.get(clip) for clip in listed["clip"]]
        listed = listed.assign(tags=[*map(tag_words, own)], note=[*map(note_words, own)])
    if shown_as == "List":
        chosen = (_list(trial, rows, ids, listed),)
    else:
        chosen = sheet_section(trial, rows, ids, reviews, query, _clip)
    tag_editor(trial, chosen, reviews)
    export.buttons(trial, listed)


def _list(trial: HeadTrial, rows: np.ndarray, ids: dict[int, str], listed: pd.DataFrame) -> str:
    """The list and the details of its selected clip; return that clip."""
    shown = listed.assign(
        **{name: listed[name].map(class_name) for name in ("truth", *_SAYS) if name in listed},
        **({"motion": 100 * listed["motion"]} if "motion" in listed else {}),
        open=[_link(trial, row, ids[row]) for row in rows],
    )
    picked = st.dataframe(
        shown,
        column_config=explained(
            dict.fromkeys(shown)
            | {column: f"{column.removesuffix(' says')} prediction" for column in _SAYS}
            | {
                "sure": st.column_config.NumberColumn("confidence", format="%.2f"),
                "motion": st.column_config.NumberColumn("share of motion", format="%.0f %%"),
                "synergy": st.column_config.NumberColumn("interaction", format="%+.2f"),
                "open": st.column_config.LinkColumn("open", display_text="Explore"),
                **({} if "tags" not in shown else review_columns()),
            }
        ),
        hide_index=True,
        height=min(420, 38 + 35 * len(shown)),
        placeholder="",
        on_select="rerun",
        selection_mode="single-row-required",
        selection_default={"selection": {"rows": [0]}},
        key=f"errors_list_{digest_of(rows)[:8]}",
        alt="Clips that match the filters",
    )
    row = int(rows[min([*picked.selection.rows, 0][0], len(rows) - 1)])
    _clip(trial, row, ids[row])
    return trial.fused.clips[row]


def table(trial: HeadTrial, rows: np.ndarray) -> pd.DataFrame:
    """(m,) rows -> truth, predictions and ledger terms of these clips."""
    names = np.array(trial.classes)
    columns: dict[str, object] = {
        "clip": [trial.fused.clips[row] for row in rows],
        "truth": names[trial.labels[rows]],
        "fused says": names[trial.fused.said[rows]],
        "sure": trial.fused.sure[rows],
        "appearance says": names[trial.spatial.said[rows]],
        "motion says": names[trial.temporal.said[rows]],
    }
    if trial.late is not None:
        columns["late fusion says"] = names[trial.late.said[rows]]
    shares = motion_shares(trial.fused)
    if shares is not None and trial.fused.terms is not None:
        columns |= {"motion": shares[rows], "synergy": trial.fused.terms[rows, 3]}
    return pd.DataFrame(columns)


def _ids(trial: HeadTrial, rows: np.ndarray) -> dict[int, str]:
    """Row -> the clip's id in Explore; empty if its video is not found."""
    listed: list[str] = []
    with suppress(InputError):  # a folder that may not be read: no video is found
        listed = data_clips(paths.data_folder())
    by_name: dict[str, list[str]] = {}
    for one in listed:
        by_name.setdefault(one.rpartition("/")[2].removeprefix("data:"), []).append(one)
    found = {}
    for row in map(int, rows):
        clip, path = trial.fused.clips[row], path_of(trial, row)
        generated = clip if clip.startswith("toybox:") else ""
        names = path.rpartition("/")[2], PureWindowsPath(path).name
        there = [one for name in dict.fromkeys(names) for one in by_name.get(name, ()) if name]
        found[row] = generated or clip_sources.located(path, there)
    return found


def _similar_button(trial: HeadTrial, row: int) -> None:
    """A button that lists the incorrectly predicted clips most similar to this one."""

    def chosen() -> None:
        found = similar_mistakes(trial.fused, row, _SIMILAR)
        put()
        st.session_state["errors_marked"] = tuple(trial.fused.clips[at] for at in found)

    by = "on the map of clips" if trial.fused.places is not None else "by the scores"
    st.button(
        "Show similar mistakes",
        key=f"errors_similar_{row}",  # two clips may be compared
        help=f"This clip and the {_SIMILAR} incorrectly predicted clips nearest to it {by}.",
        on_click=chosen,
    )


def path_of(trial: HeadTrial, row: int) -> str:
    """The path of a clip's video below its data set's root, from the first head that has one."""
    return next((one.paths[row] for one in trial.roles.values() if one.paths), "")


def query(trial: HeadTrial, row: int, clip_id: str) -> dict[str, str]:
    """The address parameters of a clip in Explore.

    Its expected class is the prediction, or the truth if the clip's name does not give it there.
    """
    truth, said = (trial.classes[k] for k in (trial.labels[row], trial.fused.said[row]))
    is_named = clip_sources.known(clip_id).label == truth
    model = {"model": trial.fused.model} if trial.fused.model in results.models() else {}
    return {"clip": clip_id, **model, "expected": said if is_named else truth}


def _link(trial: HeadTrial, row: int, clip_id: str) -> str | None:
    return f"./?{urlencode(query(trial, row, clip_id))}" if clip_id else None


def _clip(trial: HeadTrial, row: int, clip_id: str) -> None:
    """One clip: the prediction of each head, the ledger of its label, a link to Explore."""
    fused, truth = trial.fused, trial.classes[trial.labels[row]]
    others = "; ".join(
        f"{name}: *{class_name(trial.classes[trial.roles[role].said[row]])}* "
        f"({trial.roles[role].sure[row]:.2f})"
        for role, name in _EACH.items()
        if role in trial.roles
    )
    said = trial.classes[fused.said[row]]
    html = summary.aside_html(
        f"{fused.clips[row]}, truth *{class_name(truth)}*. The fused head predicts "
        f"*{class_name(said)}* ({fused.sure[row]:.2f}). {others}."
    )
    if fused.terms is not None:
        score = float(fused.scores[row, trial.labels[row]])
        html += summary.ledger_html(Ledger(fused.head, truth, score, *fused.terms[row].tolist()))
    st.html(html)
    _similar_button(trial, row)
    if clip_id:
        st.page_link(
            page_file("explore"),
            label=plain(
                f"Open {fused.clips[row]} in Explore"
                + ("" if said == truth else f" and ask why not {class_name(truth)}")
            ),
            query_params=query(trial, row, clip_id),
        )
        if fused.model not in results.models():
            st.caption(
                f"{plain(fused.model)} is not available here: Explore opens the clip with another "
                "network."
            )
        return
    path, folder = path_of(trial, row), paths.data_folder()
    if path:
        st.caption(
            f"Video not found: no file {plain(path)} in or below {plain(str(folder))}. Set "
            "`FUSIONSCOPE_DATA` to the folder of the data set and restart."
        )
    else:
        st.caption("The predictions file has no video path for this clip (column `path`).")
