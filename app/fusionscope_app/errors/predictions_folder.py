"""Predictions folder: every table in it that is a predictions file."""

from __future__ import annotations

from pathlib import Path

from fusionscope.base import paths, user_files
from fusionscope.base.records import InputError, printable
from fusionscope.evaluation.head_trial import HeadKey
from fusionscope.evaluation.predictions_file import Predictions, read_predictions
from fusionscope.evaluation.table_file import ENDINGS
from fusionscope_app.state import results

_NAMED = 3  # skipped files that are named


def read_folder() -> tuple[list[Predictions], str]:
    """The predictions of the folder, and in one line which files were skipped and why.

    Of the folder that ships, only ``*.predictions.*`` are predictions.
    """
    folder, own = paths.predictions_folder(), paths.has_own_predictions()
    try:
        files = [path for path in user_files.listed(folder) if path.suffix.lower() in ENDINGS]
    except InputError as problem:
        return [], str(problem)
    found: list[Predictions] = []
    skipped = []
    heads: dict[tuple[frozenset[str], HeadKey], str] = {}
    for path in files:
        if not (own or ".predictions." in path.name):
            continue
        try:
            one = _read(path)
        except InputError as problem:
            skipped.append(_why(path, str(problem)))
            continue
        mine = [(frozenset(one.classes), head) for head in one.heads]
        twice = next((heads[head] for head in mine if head in heads), None)
        if twice is None:
            heads |= dict.fromkeys(mine, path.name)
            found.append(one)
        else:
            skipped.append(f"{printable(path.name)}: its heads are also in {printable(twice)}")
    if not skipped:
        return found, ""
    more = f"; and {len(skipped) - _NAMED} more" if len(skipped) > _NAMED else ""
    return found, f"Skipped in {folder}: {'; '.join(skipped[:_NAMED])}{more}."


def _why(path: Path, problem: str) -> str:
    """What is wrong with a file, without what is needed."""
    name = printable(path.name)
    words = problem.partition("; needed")[0].removeprefix(path.name).removeprefix(name).strip()
    return f"{name}: {words}"


def _read(path: Path) -> Predictions:
    """A predictions file, read again when it has changed."""
    try:
        changed = path.stat().st_mtime_ns
    except OSError as problem:
        raise InputError(f"{path.name} cannot be read: {problem.strerror}") from problem
    return results.cached("predictions", str(path), changed, make=lambda: read_predictions(path))
