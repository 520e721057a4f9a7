"""Score files: read other programs' scores of clips, as predictions.

By its ending, a file is

    .npz    arrays ``clip`` (N names), ``label`` (N indices or names), ``classes`` (K names) and,
            for each head, (N, K) scores under the head's name; never a pickle
    .json   an object with the same entries as lists, and ``scores``: {head: N lists of K numbers};
            or a list of objects with ``pred_score`` (K numbers) and ``gt_label``: a dump of
            MMAction2, once converted (docs/data.md)
    .csv    long: one row for each clip, head and class: ``clip``, ``label``, ``head``, ``class``,
            ``score``; wide: one row for each clip with ``clip``, ``label`` and one column of scores
            for each class, perhaps ``head``, ``model``, ``group``, ``path``; or a predictions file

Missing names of classes come from a text file, one in a line.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from fusionscope.base.records import InputError, printable
from fusionscope.base.user_files import text_in
from fusionscope.evaluation.answers import Answers
from fusionscope.evaluation.predictions_file import Predictions, gathered, predictions_of_table
from fusionscope.evaluation.scores.score_arrays import predictions_of
from fusionscope.evaluation.table_file import numbers, read_table, words

_LONG = ("clip", "label", "head", "class", "score")
_ABOUT = ("clip", "label", "head", "model", "group", "path")  # columns that are no class
_MOST = 500_000_000  # numbers in a file


def read_scores(
    path: Path, model: str = "", classes: Sequence[str] = (), groups: str = ""
) -> Predictions:
    """Read a file of scores.

    Args:
        model: the network's name; empty: the file's name without its ending.
        classes: names for a file without them.
        groups: regular expression; a clip's group is its first parenthesis, or the whole match.

    Raises:
        InputError: the file cannot be read, is not one of the above, or the expression is not valid
            or does not match a clip.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(f"{path.name} ends in none of {', '.join(READERS)}; needed: one of them")
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise InputError(f"{path} cannot be read: {problem.strerror}") from problem
    found = reader(content, path.name, model or path.stem, tuple(classes))
    return gathered(_grouped(one, groups) for one in found.heads.values()) if groups else found


def _grouped(one: Answers, expression: str) -> Answers:
    try:
        pattern = re.compile(expression)
    except re.error as problem:
        raise InputError(
            f"{printable(expression)!r} is not a regular expression ({problem}); needed: one such "
            "as 'v_(.*)_c[0-9]+'"
        ) from problem
    matches = [pattern.search(clip) for clip in one.clips]
    missed = [clip for clip, match in zip(one.clips, matches, strict=True) if match is None]
    if missed:
        raise InputError(
            f"{printable(expression)!r} does not match {len(missed)} clips, such as "
            f"{printable(missed[0])}; needed: an expression that matches all"
        )
    names = tuple(m[min(1, m.re.groups)] or "" for m in matches if m)
    return replace(one, groups=names)


def _npz(content: bytes, name: str, model: str, classes: tuple[str, ...]) -> Predictions:
    try:
        with np.load(BytesIO(content), allow_pickle=False) as file:
            sizes = {key: _size(file.zip, key) for key in file.files}
            if sum(sizes.values()) > 8 * _MOST:
                raise InputError(
                    f"{name} unpacks to more than {8 * _MOST // 10**9} GB; needed: less"
                )
            arrays = {key: file[key] for key in file.files}
    except InputError:
        raise
    except (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile) as problem:
        reason = "pickled objects" if "pickle" in str(problem) else printable(str(problem))
        raise InputError(
            f"{name} is not an NPZ file of numbers and names ({reason}); needed: clip, label, "
            "classes and (N, K) scores for each head"
        ) from problem
    heads = {key: a for key, a in arrays.items() if key not in ("clip", "label", "classes")}
    return predictions_of(arrays, heads, name, model, classes)


def _size(archive: Any, key: str) -> int:
    return archive.getinfo(f"{key}.npy").file_size


def _json(content: bytes, name: str, model: str, classes: tuple[str, ...]) -> Predictions:
    try:
        told = json.loads(text_in(content, name))
    except InputError:
        raise
    except (ValueError, RecursionError) as problem:
        raise InputError(f"{name} is not JSON: {printable(str(problem))}") from problem
    try:
        if isinstance(told, list):
            first = [*range(len(told))]
            entries: dict[str, Any] = {
                "clip": [str(row.get("clip", at)) for at, row in zip(first, told, strict=True)],
                "label": [_only(row["gt_label"]) for row in told],
            }
            heads = {"average": [row["pred_score"] for row in told]}
        else:
            entries, heads = told, dict(told["scores"])
        arrays = {key: np.asarray(entries[key]) for key in ("clip", "label")}
        if len(entries.get("classes", ())):
            arrays["classes"] = np.asarray(entries["classes"])
        scores = {head: np.asarray(rows, float) for head, rows in heads.items()}
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise InputError(
            f"{name} has no scores in a form that is read ({printable(str(problem))}); needed: "
            "clip, label, classes and scores, or a list of pred_score and gt_label"
        ) from problem
    return predictions_of(arrays, scores, name, model, classes)


def _only(value: Any) -> Any:
    """A label, or the only one of a list of labels."""
    if isinstance(value, list):
        (value,) = value
    return value


def _csv(content: bytes, name: str, model: str, classes: tuple[str, ...]) -> Predictions:
    table = read_table(content, name)
    if any(column not in table.columns for column in _LONG):
        return predictions_of_table(_narrowed(table, classes, name, model), name)
    if table.empty:
        raise InputError(f"{name} has no rows; needed: one for each clip, head and class")
    columns = [words(table, column) for column in _LONG[:4]]
    scores = numbers(table, ["score"], name)[:, 0]
    given: dict[str, dict[tuple[str, str], float]] = {}  # head -> clip and class -> score
    truth: dict[str, str] = {}
    for clip, label, head, kind, score in zip(*columns, scores.tolist(), strict=True):
        known = given.setdefault(head, {})
        if (clip, kind) in known:
            where = ", ".join(map(printable, (clip, head, kind)))
            raise InputError(f"{name} has the score of {where} twice; needed: once")
        known[clip, kind] = score
        if truth.setdefault(clip, label) != label:
            raise InputError(f"{name} has two labels of {printable(clip)}; needed: one")
    named = classes or tuple(dict.fromkeys(columns[3]))
    return gathered(
        one
        for head, known in given.items()
        for one in _long_head(known, head, truth, name, model, named).heads.values()
    )


def _narrowed(table: pd.DataFrame, classes: tuple[str, ...], name: str, model: str) -> pd.DataFrame:
    """A wide table with the columns of a predictions file: each class's column is its score."""
    scored = [column for column in table.columns if column.startswith("score:")]
    wide = [column for column in table.columns if column not in _ABOUT and column not in scored]
    if scored or "clip" not in table.columns or "label" not in table.columns or not wide:
        return table
    if missing := [one for one in classes if one not in wide]:
        raise InputError(
            f"{name} has no column for the class {printable(missing[0])}; needed: one for each of "
            f"the {len(classes)} classes"
        )
    found = table.rename(columns={column: f"score:{column}" for column in classes or wide})
    for column, value in (("head", "average"), ("model", model)):
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


READERS: Mapping[str, Callable[[bytes, str, str, tuple[str, ...]], Predictions]] = MappingProxyType(
    {".npz": _npz, ".json": _json, ".csv": _csv}
)
