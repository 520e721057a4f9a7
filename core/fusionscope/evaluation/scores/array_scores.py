"""Array scores: NPZ files with names and scores, and NPY files of scores alone."""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import Any

import numpy as np

from fusionscope.base.records import InputError, printable
from fusionscope.base.user_files import read_text
from fusionscope.evaluation.predictions_file import Predictions
from fusionscope.evaluation.scores.score_arrays import predictions_of
from fusionscope.evaluation.scores.scored_file import ScoredFile

_MOST = 500_000_000  # numbers in a file


def npz_scores(given: ScoredFile) -> Predictions:
    """Arrays ``clip``, ``label``, ``classes``, (N, K) scores for each head, and (N,) columns."""
    name = given.name
    try:
        with np.load(BytesIO(given.content), allow_pickle=False) as file:
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
    others = {key: a for key, a in arrays.items() if key not in ("clip", "label", "classes")}
    columns = {key: a for key, a in others.items() if a.shape == (arrays.get("clip", a).size,)}
    heads = {key: a for key, a in others.items() if key not in columns}
    return predictions_of(arrays, heads, name, given.model, given.classes, columns)


def npy_scores(given: ScoredFile) -> Predictions:
    """(N, K) scores of one head, whose clips and labels are in a text file."""
    name = given.name
    if given.clips is None:
        raise InputError(
            f"{name} has scores without names; needed: a text file with a clip and its label in "
            "each line (--clips FILE)"
        )
    try:
        scores = np.load(BytesIO(given.content), allow_pickle=False)
    except (ValueError, OSError, EOFError) as problem:
        reason = "pickled objects" if "pickle" in str(problem) else printable(str(problem))
        raise InputError(
            f"{name} is not an NPY file of numbers ({reason}); needed: (N, K) scores"
        ) from problem
    lines = [line for line in read_text(given.clips).splitlines() if line.strip()]
    rows = [_clip_and_label(line.strip()) for line in lines]
    if odd := [line for line, row in zip(lines, rows, strict=True) if not all(row)]:
        raise InputError(
            f"the line {printable(odd[0])!r} of {given.clips.name} has no label; needed: a clip "
            "and its label in each line"
        )
    labels = [label for _, label in rows]
    counted = all(label.isascii() and label.isdigit() for label in labels)
    arrays = {
        "clip": np.array([clip for clip, _ in rows]),
        "label": np.array([*map(int, labels)] if counted else labels),
    }
    return predictions_of(arrays, {given.head: scores}, name, given.model, given.classes)


def _clip_and_label(line: str) -> tuple[str, str]:
    """Both parts of a line, at its last comma, semicolon or tab, else at its last space."""
    places = [line.rfind(mark) for mark in ",;\t"]
    at = max(places) if max(places) >= 0 else line.rfind(" ")
    return (line[:at].strip(), line[at + 1 :].strip()) if at > 0 else (line, "")


def _size(archive: Any, key: str) -> int:
    return archive.getinfo(f"{key}.npy").file_size
