"""Error files: which predictions the page speaks of, and which heads play which role in a trial."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app import demo, session, sources, telling
from core.records import InputError
from core.study.predictions import Predictions, joined, predictions_in, read_predictions
from core.study.trial import Pair, Trial, casting, meet

_MEGABYTES = 20  # of a visitor's file
ROLES = {
    "spatial": "Appearance alone",
    "temporal": "Motion alone",
    "fused": "Fused",
    "late": "Late fusion",
}


def chosen_trial() -> Trial:
    """The row above the page: the files, and the heads that are set against each other.

    Without any predictions, says how to make some and ends the page.
    """
    *roles, files = st.columns([1, 1, 1, 1, 0.8], vertical_alignment="bottom")
    with files.popover("Own files", width="stretch"):
        _upload()
    together = by_classes([*_shipped(), *_own().values()])
    if not together:
        st.info(
            "No predictions here yet. `fusionscope evaluate --model NAME --data jhmdb --root DIR "
            "--fold 3 --out FILE.predictions.parquet` writes a file of them: bring it in by *Own "
            f"files*, or put it into `{sources.predictions_folder()}`."
        )
        st.stop()
    predictions = together[0]
    if len(together) > 1:
        at = st.selectbox(
            "Data",
            range(len(together)),
            format_func=lambda at: _title(together[at]),
            key="errors_data",
        )
        predictions = together[at or 0]
    cast = casting(predictions)
    played = {
        role: _role(where, role, predictions, cast[role])
        for where, role in zip(roles, ROLES, strict=True)
    }
    heads = {role: predictions.heads[pair] for role, pair in played.items() if pair}
    return meet(heads["spatial"], heads["temporal"], heads["fused"], heads.get("late"))


def by_classes(several: Iterable[Predictions]) -> list[Predictions]:
    """Files joined with those that name the same classes.

    Raises:
        InputError: two of them hold the same head of the same model.
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
    where: DeltaGenerator, role: str, predictions: Predictions, cast: Pair | None
) -> Pair | None:
    """The head that plays a role; late fusion may be played by none."""
    named = {f"{model}: {head}": (model, head) for model, head in predictions.heads}
    key = f"errors_{role}"
    if st.session_state.get(key) not in named and key in st.session_state:
        del st.session_state[key]  # chosen among other files
    names = list(named)
    picked = where.selectbox(
        ROLES[role],
        names,
        index=names.index(": ".join(cast)) if cast else None,
        placeholder="none",
        key=key,
        bind="query-params",
    )
    return named[picked] if picked else None


def _shipped() -> list[Predictions]:
    """Those of the folder; one that is broken is told, and takes nothing down."""
    found = []
    for path in sorted(sources.predictions_folder().glob("*.predictions.*")):
        try:
            found.append(_read(path))
        except InputError as problem:
            telling.trouble(problem)
    return found


def _read(path: Path) -> Predictions:
    """A predictions file, read again when it was written anew."""
    key = ("predictions", str(path), path.stat().st_mtime_ns)
    return session.shelf().get(key, lambda: read_predictions(path))


def _own() -> dict[str, Predictions]:
    return st.session_state.setdefault("errors_own", {})


def _upload() -> None:
    """Bring in files, which last as long as the session."""
    if demo.is_demo():
        st.caption(demo.CLOSED)
        return
    own = _own()
    given = st.file_uploader(
        f"Predictions files, CSV or Parquet, up to {_MEGABYTES} MB each",
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
            by_classes(
                [*_shipped(), *(kept for name, kept in own.items() if name != file.name), one]
            )
        except InputError as problem:
            telling.trouble(problem)
            continue
        own[file.name] = one
        read.add(file.file_id)
    if own:
        st.caption(f"Read: {', '.join(map(telling.plain, own))}. `README.md` tells the columns.")
        if st.button("Let them go", key="errors_let_go"):
            own.clear()
            st.rerun()
    else:
        st.caption("The README tells the columns; other programs can write them too.")
