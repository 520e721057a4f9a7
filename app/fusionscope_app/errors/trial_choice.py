"""Trial choice: the predictions files of the page, and which head plays which role."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from fusionscope.base import paths
from fusionscope.base.records import InputError, digest_of
from fusionscope.evaluation.answers import Answers
from fusionscope.evaluation.faults import other_classes, repeated_words
from fusionscope.evaluation.head_trial import HeadKey, HeadTrial, align_heads, heads_by_role
from fusionscope.evaluation.late.late_fusion import with_scores
from fusionscope.evaluation.predictions_file import Predictions, joined, predictions_in
from fusionscope_app.errors.kept import of_trial, while_same
from fusionscope_app.errors.predictions_folder import read_folder
from fusionscope_app.server import demo_mode
from fusionscope_app.state import address
from fusionscope_app.widgets import error_messages

_MEGABYTES = 20  # of a visitor's file
_OF_DATA_SET = (
    *("errors_spatial", "errors_temporal", "errors_fused", "errors_late"),
    *("errors_part", "errors_truth", "errors_said", "errors_sure", "errors_group", "errors_tag"),
    *("errors_heads", "errors_weights", "errors_cold", "errors_slice", "errors_columns"),
)
"""Parameters that another data set clears, because its heads and classes have other names."""
ROLES = {
    "spatial": "Appearance head",
    "temporal": "Motion head",
    "fused": "Fused head",
    "late": "Late fusion",
}


def chosen_trial() -> HeadTrial:
    """Choose the predictions and the heads to compare; return them aligned.

    Without predictions, show how to make some and end the page.
    """
    *roles, files = st.columns([1, 1, 1, 1, 0.8], vertical_alignment="bottom")
    found, skipped = read_folder()
    with files.popover("Your files", width="stretch"):
        _upload(found)
    if skipped:
        st.caption(error_messages.plain(skipped))
    given = [*found, *_own().values()]
    together = while_same("errors_together", tuple(given), lambda: by_classes(given))
    if not together:
        st.info(
            "No predictions yet. `fusionscope evaluate --model NAME --data jhmdb --root DIR "
            "--fold 3 --out FILE.parquet` writes a predictions file. Upload it under *Your files*, "
            f"or put it into {error_messages.plain(str(paths.predictions_folder()))}."
        )
        st.stop()
    predictions = _data_set(together)
    st.session_state["errors_heads_there"] = predictions.heads
    cast = heads_by_role(predictions)
    played = {
        role: _role(where, role, predictions, cast[role])
        for where, role in zip(roles, ROLES, strict=True)
    }
    heads = {role: predictions.heads[pair] for role, pair in played.items() if pair}
    trial = while_same(
        "errors_trial",
        (*heads.values(), *heads),
        lambda: align_heads(**{role: with_scores(head) for role, head in heads.items()}),
    )
    others = while_same("errors_other", (*together,), lambda: other_classes(together))
    for fault in (*others, *of_trial(trial, "faults", make=lambda: _faults(trial, heads))):
        st.caption(error_messages.plain(fault))
    return trial


def _faults(trial: HeadTrial, heads: Mapping[str, Answers]) -> list[str]:
    """What is odd about the heads."""
    changed = [f"{one.model}: {one.head}" for one in heads.values() if with_scores(one) is not one]
    faults = [repeated_words([*trial.roles.values()])]
    if changed:
        faults.append(
            f"{', '.join(dict.fromkeys(changed))}: the file has probabilities instead of scores. "
            "Their logarithm is used."
        )
    return [*filter(None, faults)]


def _data_set(together: Sequence[Predictions]) -> Predictions:
    """Choose between predictions with other classes."""
    named = {_id(one): one for one in together}
    usual = next(iter(named))
    value = address.option("errors_data", named, usual)
    if len(named) > 1:
        st.selectbox(
            "Data set",
            list(named),
            format_func=lambda one: _title(named[one]),
            **address.bound("errors_data", value, usual=usual, clear=_OF_DATA_SET),
        )
    return named[value]


def _id(predictions: Predictions) -> str:
    return digest_of(*sorted(predictions.classes))[:8]


def by_classes(several: Iterable[Predictions]) -> list[Predictions]:
    """Join the files that have the same classes.

    Raises:
        InputError: two files have the same head of the same model.
    """
    alike: dict[frozenset[str], list[Predictions]] = {}
    for one in several:
        alike.setdefault(frozenset(one.classes), []).append(one)
    return [joined(*files) for files in alike.values()]


def _title(predictions: Predictions) -> str:
    models = list(dict.fromkeys(model for model, _ in predictions.heads))
    more = f" and {len(models) - 2} more" if len(models) > 2 else ""
    return f"{len(predictions.classes)} classes: {', '.join(models[:2])}{more}"


def _role(
    where: DeltaGenerator, role: str, predictions: Predictions, cast: HeadKey | None
) -> HeadKey | None:
    """Choose the head of a role; late fusion may have none."""
    named = {f"{model}: {head}": (model, head) for model, head in predictions.heads}
    parameter, usual = f"errors_{role}", ": ".join(cast or ())
    value = address.option(parameter, named, usual) or None
    picked = where.selectbox(
        ROLES[role],
        list(named),
        index=0 if cast else None,
        placeholder="none",
        **address.bound(parameter, value, usual=usual),
    )
    return named[picked] if picked else None


def heads_there() -> Mapping[HeadKey, Answers]:
    """All heads of the chosen data set."""
    return st.session_state["errors_heads_there"]


def keep_own(name: str, predictions: Predictions) -> None:
    """Add predictions to the visitor's own, which are kept until the session ends."""
    _own()[name] = predictions


def _own() -> dict[str, Predictions]:
    return st.session_state.setdefault("errors_own", {})


def _upload(shipped: Sequence[Predictions]) -> None:
    """Upload files, which are kept until the session ends."""
    if demo_mode.is_demo():
        st.caption(demo_mode.CLOSED)
        return
    own = _own()
    given = st.file_uploader(
        f"Predictions files (CSV or Parquet, up to {_MEGABYTES} MB each)",
        ["csv", "parquet"],
        accept_multiple_files=True,
        max_upload_size=_MEGABYTES,
        key="errors_upload",
    )
    read = st.session_state.setdefault("errors_read", set())
    for file in given or ():
        if file.file_id in read:
            continue
        try:
            one = predictions_in(file.getvalue(), file.name)
            by_classes([*shipped, *(kept for name, kept in own.items() if name != file.name), one])
        except InputError as problem:
            error_messages.show_error(problem)
            continue
        own[file.name] = one
        read.add(file.file_id)
    if own:
        st.caption(
            f"Loaded: {', '.join(map(error_messages.plain, own))}. The columns are described in "
            "`docs/data.md`."
        )
        if st.button("Remove these files", key="errors_let_go"):
            own.clear()
            st.rerun()
    else:
        st.caption("`docs/data.md` lists the columns, so other programs can write such files.")
