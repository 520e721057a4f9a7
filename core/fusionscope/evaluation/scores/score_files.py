"""Score files: read other programs' scores of clips, as predictions.

By its ending, a file is

    .npz    arrays ``clip`` (N names), ``label`` (N indices or names), ``classes`` (K names) and,
            for each head, (N, K) scores under the head's name; arrays (N,) describe the clips;
            never a pickle
    .json   an object with the same entries as lists, and ``scores``: {head: N lists of K numbers};
            or a list of objects with ``pred_score`` (K numbers) and ``gt_label``: a dump of
            MMAction2, once converted (docs/data.md); or ``samples.json`` of FiftyOne
            (``fiftyone_export``)
    .npy    (N, K) scores of one head; its clips, one in a line with its label, come from a text
            file
    .csv    long: one row for each clip, head and class: ``clip``, ``label``, ``head``, ``class``,
            ``score``; wide: one row for each clip with ``clip``, ``label`` and one column of scores
            for each class, perhaps ``head``, ``model``, ``group``, ``path``; or a predictions file

Missing names of classes come from a text file, one in a line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from fusionscope.base.records import InputError, printable
from fusionscope.base.user_files import read_text, text_in
from fusionscope.evaluation.answers import Answers
from fusionscope.evaluation.predictions_file import Predictions, gathered
from fusionscope.evaluation.scores.array_scores import npy_scores, npz_scores
from fusionscope.evaluation.scores.csv_scores import csv_scores
from fusionscope.evaluation.scores.fiftyone_import import is_fiftyone, read_fiftyone
from fusionscope.evaluation.scores.score_arrays import predictions_of
from fusionscope.evaluation.scores.scored_file import ScoredFile


def read_scores(
    path: Path,
    model: str = "",
    classes: Sequence[str] = (),
    groups: str = "",
    *,
    clips: Path | None = None,
    head: str = "",
) -> Predictions:
    """Read a file of scores.

    Args:
        model: the network's name; empty: the file's name without its ending.
        classes: names for a file without them.
        groups: regular expression; a clip's group is its first parenthesis, or the whole match.
        clips: the text file with the clips of an NPY file: name and label, or index of the class
            counted from 0, in each line.
        head: the head of a file that has only one and no name for it; empty: average.

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
    file = ScoredFile(path, content, model or path.stem, head or "average", tuple(classes), clips)
    found = reader(file)
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


def _json(given: ScoredFile) -> Predictions:
    name = given.name
    try:
        told = json.loads(text_in(given.content, name))
    except InputError:
        raise
    except (ValueError, RecursionError) as problem:
        raise InputError(f"{name} is not JSON: {printable(str(problem))}") from problem
    if is_fiftyone(told):
        classes = given.classes or _classes_beside(given.path)
        return gathered(read_fiftyone(told, name, given.model, classes))
    try:
        if isinstance(told, list):
            first = [*range(len(told))]
            entries: dict[str, Any] = {
                "clip": [str(row.get("clip", at)) for at, row in zip(first, told, strict=True)],
                "label": [_only(row["gt_label"]) for row in told],
            }
            heads = {given.head: [row["pred_score"] for row in told]}
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
    return predictions_of(arrays, scores, name, given.model, given.classes)


def _classes_beside(path: Path) -> tuple[str, ...]:
    """The classes that ``metadata.json`` beside FiftyOne's samples lists, in the logits' order."""
    with suppress(InputError, ValueError, AttributeError, TypeError, RecursionError):
        told = json.loads(read_text(path.with_name("metadata.json")))
        classes = told.get("info", {}).get("classes") or told.get("default_classes") or ()
        return tuple(map(str, classes))
    return ()


def _only(value: Any) -> Any:
    """A label, or the only one of a list of labels."""
    if isinstance(value, list):
        (value,) = value
    return value


READERS: Mapping[str, Callable[[ScoredFile], Predictions]] = MappingProxyType(
    {".npz": npz_scores, ".npy": npy_scores, ".json": _json, ".csv": csv_scores}
)
