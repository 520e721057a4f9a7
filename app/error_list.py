"""Error list: the clips that pass the filters; each opens Explore, and says what is missing."""

from __future__ import annotations

from urllib.parse import urlencode

import numpy as np
import pandas as pd
import streamlit as st

from app import error_export, figures, session, sources
from app.error_filters import filters
from app.telling import plain
from core.explain.ledger import Ledger
from core.records import digest_of
from core.study.errors import motion_shares
from core.study.findings import clips
from core.study.trial import Trial

_EACH = {"spatial": "Appearance alone", "temporal": "motion alone", "late": "late fusion"}


def clips_section(trial: Trial) -> None:
    """The filters, the list of what passes them, and the clip that is picked in it."""
    rows = filters(trial)
    ids = _ids(trial, rows)
    marked = len(st.session_state.get("errors_marked", ()))
    on_map = f"; {clips(marked)} picked on the map" if marked else ""
    st.markdown(f"**{clips(len(rows))}** of {len(trial.labels):,}{on_map}")
    if not len(rows):
        st.caption("No clip passes all of these filters.")
        return
    listed = table(trial, rows)
    shown = listed.assign(
        **({"motion": 100 * listed["motion"]} if "motion" in listed else {}),
        open=[_link(trial, row, ids[row]) for row in rows],
    )
    picked = st.dataframe(
        shown,
        column_config={
            "sure": st.column_config.NumberColumn(format="%.2f"),
            "motion": st.column_config.NumberColumn("share of motion", format="%.0f %%"),
            "synergy": st.column_config.NumberColumn(format="%+.2f"),
            "open": st.column_config.LinkColumn("open", display_text="Explore"),
        },
        hide_index=True,
        height=min(420, 38 + 35 * len(shown)),
        placeholder="",
        on_select="rerun",
        selection_mode="single-row-required",
        selection_default={"selection": {"rows": [0]}},
        key=f"errors_list_{digest_of(rows)[:8]}",
        alt="The clips that pass the filters",
    )
    at = min([*picked.selection.rows, 0][0], len(rows) - 1)
    _clip(trial, int(rows[at]), ids[int(rows[at])])
    error_export.buttons(trial, listed)


def table(trial: Trial, rows: np.ndarray) -> pd.DataFrame:
    """(m,) rows -> what the heads say of these clips."""
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


def _ids(trial: Trial, rows: np.ndarray) -> dict[int, str]:
    """Row -> the id under which Explore knows the clip; empty where it is not here."""
    listed = session.data_clips(sources.data_folder())
    by_name: dict[str, list[str]] = {}
    for one in listed:
        by_name.setdefault(one.rpartition("/")[2].removeprefix("data:"), []).append(one)
    found = {}
    for row in map(int, rows):
        clip, path = trial.fused.clips[row], path_of(trial, row)
        generated = clip if clip.startswith("toybox:") else ""
        there = by_name.get(path.rpartition("/")[2], []) if path else []
        found[row] = generated or sources.located(path, there)
    return found


def path_of(trial: Trial, row: int) -> str:
    """Where a clip's video lies below its data set's root, by the first file that tells."""
    return next((one.paths[row] for one in trial.roles.values() if one.paths), "")


def query(trial: Trial, row: int, clip_id: str) -> dict[str, str]:
    """The address of a clip in Explore.

    The class asked about there is the one that it was taken for; where Explore cannot know the
    truth from the clip's name, it is the truth.
    """
    truth, said = (trial.classes[k] for k in (trial.labels[row], trial.fused.said[row]))
    told = sources.known(clip_id).label == truth
    model = {"model": trial.fused.model} if trial.fused.model in session.models() else {}
    return {"clip": clip_id, **model, "expected": said if told else truth}


def _link(trial: Trial, row: int, clip_id: str) -> str | None:
    return f"./?{urlencode(query(trial, row, clip_id))}" if clip_id else None


def _clip(trial: Trial, row: int, clip_id: str) -> None:
    """One clip: what each head says, the ledger of its label, and the way to Explore."""
    fused, truth = trial.fused, trial.classes[trial.labels[row]]
    others = "; ".join(
        f"{name} *{trial.classes[trial.roles[role].said[row]]}* ({trial.roles[role].sure[row]:.2f})"
        for role, name in _EACH.items()
        if role in trial.roles
    )
    said = trial.classes[fused.said[row]]
    html = figures.aside_html(
        f"{fused.clips[row]} is *{truth}*. Fused says *{said}* ({fused.sure[row]:.2f}). {others}."
    )
    if fused.terms is not None:
        score = float(fused.scores[row, trial.labels[row]])
        html += figures.ledger_html(Ledger(fused.head, truth, score, *fused.terms[row].tolist()))
    st.html(html)
    if clip_id:
        st.page_link(
            "views/explore.py",
            label=plain(
                f"Open {fused.clips[row]} in Explore"
                + ("" if said == truth else f", and ask why not {truth}")
            ),
            query_params=query(trial, row, clip_id),
        )
        if fused.model not in session.models():
            st.caption(
                f"{plain(fused.model)} is no network here: Explore shows the clip with another."
            )
        return
    path, folder = path_of(trial, row), sources.data_folder()
    if path:
        st.caption(
            f"The video is not here: no file {plain(path)} in or below {plain(str(folder))}. Set "
            "`FUSIONSCOPE_DATA` to the folder that holds the data set and start again."
        )
    else:
        st.caption("The predictions file names no video for this clip (column path).")
