"""Predictions file: a table of heads' predictions on clips, which any program can write.

A file is CSV or Parquet, by its ending, with one row for each clip and head:

    clip        text: the clip's id, unique for each model and head
    label       text: the true class
    head        text: spatial, temporal, spatiotemporal, average, or another name
    model       text; if the column is missing, the file's name without its ending
    score:NAME  number, one column for each class: its score before the softmax, or its
                log-probability. These columns define the classes and their order.

and optionally, for all clips of a head:

    group       text: equal for clips from the same source; intervals resample whole groups
    path        text: the video, relative to the data folder; may be empty for some clips
    baseline, appearance, motion, synergy    numbers that add up to the score of the label
    x, y        numbers: the clip's position on a map of all clips

Any other column (camera, view, quality, length, ...) describes the clips; some cells may be empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd

from fusionscope.base.atomic_file import atomic_write
from fusionscope.base.records import InputError, printable, seal
from fusionscope.evaluation.answers import Answers
from fusionscope.evaluation.table_file import (
    check_ending,
    columns_of_table,
    numbers,
    numbers_or_none,
    read_table,
    words,
    words_of_all,
)
from fusionscope.explain.ledger.ledger import TERMS

_SCORE = "score:"
_NEEDED = ("clip", "label", "head")
_KNOWN = frozenset((*_NEEDED, "model", "group", "path", *TERMS, "x", "y"))


@dataclass(frozen=True, eq=False)
class Predictions:
    """Predictions of several heads, of one or more models, with the same classes."""

    classes: tuple[str, ...]  # K
    heads: Mapping[tuple[str, str], Answers]  # (model, head) -> its predictions

    def __post_init__(self) -> None:
        seal(self)

    def answers(self, model: str, head: str) -> Answers:
        """Predictions of one head of one model.

        Raises:
            InputError: there is no such head; lists the existing ones.
        """
        if (model, head) not in self.heads:
            there = ", ".join(map(" ".join, self.heads))
            raise InputError(f"no predictions of {model} {head}; choose one of {there}")
        return self.heads[model, head]


def gathered(several: Iterable[Answers]) -> Predictions:
    """Combine the predictions of single heads.

    Raises:
        InputError: there are none, their classes differ, or a head occurs twice.
    """
    heads: dict[tuple[str, str], Answers] = {}
    classes: tuple[str, ...] = ()
    for one in several:
        pair = one.model, one.head
        if pair in heads:
            raise InputError(
                f"the predictions of {one.model} {one.head} occur twice; remove one, or give it "
                "another name in the column model"
            )
        classes = classes or one.classes
        if set(one.classes) != set(classes):
            odd = min(set(one.classes) ^ set(classes))
            raise InputError(
                f"{one.model} {one.head} has {len(one.classes)} classes and the first head "
                f"{len(classes)}; needed: the same classes ({odd!r} is in only one)"
            )
        heads[pair] = one if one.classes == classes else _reordered(one, classes)
    if not heads:
        raise InputError("there are no predictions; needed: those of at least one head")
    return Predictions(classes, heads)


def joined(*several: Predictions) -> Predictions:
    """Combine the heads of several files.

    Raises:
        InputError: their classes differ, or a head occurs in two of them.
    """
    return gathered(one for predictions in several for one in predictions.heads.values())


def _reordered(one: Answers, classes: tuple[str, ...]) -> Answers:
    order = [one.classes.index(name) for name in classes]
    labels = np.argsort(order)[one.labels]
    return replace(one, classes=classes, labels=labels, scores=one.scores[:, order])


def write_predictions(predictions: Predictions, path: Path) -> None:
    """Write a predictions file, CSV or Parquet by its ending.

    Raises:
        InputError: it has another ending, or cannot be written.
    """
    table = pd.concat([_rows(one) for one in predictions.heads.values()], ignore_index=True)
    check_ending(path.name)
    stored = BytesIO()
    if path.suffix.lower() == ".csv":
        table.to_csv(stored, index=False)
    else:
        table.to_parquet(stored, index=False, compression="zstd")
    with atomic_write(path) as unfinished:
        unfinished.write_bytes(stored.getvalue())


def _rows(one: Answers) -> pd.DataFrame:
    columns: dict[str, object] = {
        "clip": one.clips,
        "label": [one.classes[k] for k in one.labels],
        "model": one.model,
        "head": one.head,
    }
    columns |= {_SCORE + name: one.scores[:, k] for k, name in enumerate(one.classes)}
    columns |= {"group": one.groups} if one.groups else {}
    columns |= {"path": one.paths} if one.paths else {}
    for names, known in ((TERMS, one.terms), (("x", "y"), one.places)):
        if known is not None:
            columns |= {name: known[:, at] for at, name in enumerate(names)}
    columns |= {name: column for name, column in one.columns.items() if name not in columns}
    return pd.DataFrame(columns)


def read_predictions(path: Path) -> Predictions:
    """Read a predictions file.

    Raises:
        InputError: it cannot be read, or does not have the format described above.
    """
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise InputError(f"{path} cannot be read: {problem.strerror}") from problem
    return predictions_in(content, path.name)


def predictions_in(content: bytes, name: str) -> Predictions:
    """Parse the content of a predictions file of this name.

    Raises:
        InputError: it does not have the format described above.
    """
    return predictions_of_table(read_table(content, name), name)


def predictions_of_table(table: pd.DataFrame, name: str) -> Predictions:
    """Parse a table, as ``read_table`` returns it, from the file of this name.

    Raises:
        InputError: it does not have the format described above.
    """
    classes = tuple(c.removeprefix(_SCORE) for c in table.columns if c.startswith(_SCORE))
    missing = [column for column in _NEEDED if column not in table.columns]
    missing += [] if classes else [f"{_SCORE}CLASS"]
    if missing:
        raise InputError(
            f"{name} has no column {', '.join(missing)}; needed: {', '.join(_NEEDED)}, and "
            f"{_SCORE}CLASS for each class"
        )
    if table.empty:
        raise InputError(f"{name} has no rows; needed: one for each clip and head")
    stem = Path(name).stem.removesuffix(".predictions")
    rows: dict[tuple[str, str], list[int]] = {}
    named = zip(*(words(table, column) for column in ("clip", "model", "head")), strict=True)
    for at, (clip, model, head) in enumerate(named):
        if not (clip and head):
            empty = "head" if clip else "clip"
            raise InputError(f"row {at + 1} of {name} has no {empty}; needed: a name")
        rows.setdefault((model or stem, head), []).append(at)
    return gathered(
        _answers(table.iloc[at], model, head, classes, name) for (model, head), at in rows.items()
    )


def _answers(
    table: pd.DataFrame, model: str, head: str, classes: tuple[str, ...], name: str
) -> Answers:
    """Parse the rows of one head."""
    whose = f"{printable(model)} {printable(head)} in {name}"
    clips, labels = words(table, "clip"), words(table, "label")
    place = {label: k for k, label in enumerate(classes)}
    seen: set[str] = set()
    for clip, label in zip(clips, labels, strict=True):
        if clip in seen:
            raise InputError(f"the clip {printable(clip)} occurs twice for {whose}; needed: once")
        seen.add(clip)
        if label not in place:
            raise InputError(
                f"the label {printable(label)!r} of {printable(clip)} is not a class of {name}; "
                f"needed: one of {', '.join(map(printable, classes[:5]))}"
                f"{' …' if len(classes) > 5 else ''}"
            )
    truth = np.array([place[label] for label in labels])
    scores = numbers(table, [_SCORE + label for label in classes], whose)
    terms = numbers_or_none(table, TERMS, whose)
    if terms is not None:
        off = np.abs(terms.sum(axis=1) - scores[np.arange(len(truth)), truth])
        if (off > 0.01 * (1 + np.abs(terms).max(axis=1))).any():
            clip = printable(clips[int(off.argmax())])
            raise InputError(
                f"the terms of {clip} for {whose} differ from the score of its label "
                f"by {off.max():.2g}; needed: {' + '.join(TERMS)} = score"
            )
    paths = words(table, "path")
    return Answers(
        model,
        head,
        classes,
        tuple(clips),
        truth,
        scores,
        words_of_all(table, "group", whose),
        tuple(paths) if any(paths) else (),
        terms,
        numbers_or_none(table, ("x", "y"), whose),
        columns_of_table(table, _KNOWN, _SCORE),
    )
