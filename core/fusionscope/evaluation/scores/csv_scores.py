"""CSV scores: long tables, wide ones, and predictions files."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fusionscope.base.records import InputError, printable
from fusionscope.evaluation.predictions_file import Predictions, gathered, predictions_of_table
from fusionscope.evaluation.scores.score_arrays import predictions_of
from fusionscope.evaluation.scores.scored_file import ScoredFile
from fusionscope.evaluation.table_file import numbers, read_table, words

_LONG = ("clip", "label", "head", "class", "score")
_ABOUT = ("clip", "label", "head", "model", "group", "path")  # columns that are no class


def csv_scores(given: ScoredFile) -> Predictions:
    """A table with a row for each clip, head and class, or for each clip."""
    name, model, classes = given.name, given.model, given.classes
    table = read_table(given.content, name)
    if any(column not in table.columns for column in _LONG):
        return predictions_of_table(_narrowed(table, given), name)
    if table.empty:
        raise InputError(f"{name} has no rows; needed: one for each clip, head and class")
    columns = [words(table, column) for column in _LONG[:4]]
    scores = numbers(table, ["score"], name)[:, 0]
    heads: dict[str, dict[tuple[str, str], float]] = {}  # head -> clip and class -> score
    truth: dict[str, str] = {}
    for clip, label, head, kind, score in zip(*columns, scores.tolist(), strict=True):
        known = heads.setdefault(head, {})
        if (clip, kind) in known:
            where = ", ".join(map(printable, (clip, head, kind)))
            raise InputError(f"{name} has the score of {where} twice; needed: once")
        known[clip, kind] = score
        if truth.setdefault(clip, label) != label:
            raise InputError(f"{name} has two labels of {printable(clip)}; needed: one")
    named = classes or tuple(dict.fromkeys(columns[3]))
    return gathered(
        one
        for head, known in heads.items()
        for one in _long_head(known, head, truth, name, model, named).heads.values()
    )


def _narrowed(table: pd.DataFrame, given: ScoredFile) -> pd.DataFrame:
    """A wide table with the columns of a predictions file: each class's column is its score."""
    classes = given.classes
    scored = [column for column in table.columns if column.startswith("score:")]
    wide = [column for column in table.columns if column not in _ABOUT and column not in scored]
    if scored or "clip" not in table.columns or "label" not in table.columns or not wide:
        return table
    if missing := [one for one in classes if one not in wide]:
        raise InputError(
            f"{given.name} has no column for the class {printable(missing[0])}; needed: one for "
            f"each of the {len(classes)} classes"
        )
    found = table.rename(columns={column: f"score:{column}" for column in classes or wide})
    for column, value in (("head", given.head), ("model", given.model)):
        if column not in found.columns:
            found[column] = value
    return found


def _long_head(
    known: Mapping[tuple[str, str], float],
    head: str,
    truth: Mapping[str, str],
    name: str,
    model: str,
    classes: tuple[str, ...],
) -> Predictions:
    """Predictions of one head from its single scores."""
    clips = [*dict.fromkeys(clip for clip, _ in known)]
    for clip in clips:
        for kind in classes:
            if (clip, kind) not in known:
                where = ", ".join(map(printable, (clip, head, kind)))
                raise InputError(
                    f"{name} has no score of {where}; needed: one for each clip, head and class"
                )
    arrays = {"clip": np.array(clips), "label": np.array([truth[clip] for clip in clips])}
    scores = np.array([[known[clip, kind] for kind in classes] for clip in clips])
    return predictions_of(arrays, {head: scores}, name, model, classes)
