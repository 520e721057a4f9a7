"""List files: data sets whose clips are named in lists, as other projects write them.

*list*: ``*.txt`` files of lines ``path label`` or ``path label group``, separated by spaces or
commas; labels are names, or indices into ``classes.txt`` where there is one.
*kinetics*: CSV files with ``label``, ``youtube_id``, ``time_start``, ``time_end``.
*something*: the JSON files of Something-Something version 2, or the CSV files of version 1.

The fold of a list is ``train``, ``val`` or ``test``, as its name says, else its name.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from fusionscope.base import user_files
from fusionscope.base.records import InputError, printable
from fusionscope.data.items import Item
from fusionscope.video.accepted_names import is_video_name

CLASSES = "classes.txt"
_FOLDS = ("train", "val", "test")
_BRACKETS = re.compile(r"[\[\]]")


def list_items(root: Path) -> Iterator[Item]:
    """Clips of all ``*.txt`` lists in a folder.

    Raises:
        InputError: a line has no label, or an index without ``classes.txt``.
    """
    classes = user_files.read_classes(root / CLASSES) if (root / CLASSES).is_file() else []
    for path in user_files.listed(root):
        if path.suffix.lower() == ".txt" and path.name != CLASSES:
            yield from _of_list(path, root, classes)


def _of_list(path: Path, root: Path, classes: list[str]) -> Iterator[Item]:
    for number, line in enumerate(user_files.read_text(path).split("\n"), start=1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        parts = [part.strip() for part in re.split(r"[,\s]\s*", line)]
        if len(parts) not in (2, 3):
            raise InputError(
                f"line {number} of {path.name} is {printable(line)!r}; needed: path, label and, "
                "if known, group, none of them with spaces"
            )
        name, label, *group = parts
        if label.isdigit():
            if classes and int(label) >= len(classes):
                raise InputError(
                    f"line {number} of {path.name} has the label {label}; needed: less than "
                    f"{len(classes)}, the number of lines of {CLASSES}"
                )
            label = classes[int(label)] if classes else label
        yield Item(name, label, root / name, fold_of(path.stem), group[0] if group else name)


def kinetics_items(root: Path) -> Iterator[Item]:
    """Clips of all CSV files in a folder with Kinetics' columns; rows without a label are left out.

    A clip is a video below the folder named ``ID_START_END`` (six digits each) or ``ID``.
    """
    where = _by_stem(root)
    for path in _lists(root, ".csv"):
        text = user_files.read_text(path)
        rows = [*csv.DictReader(io.StringIO(text))]
        for row in rows:
            if not row.get("youtube_id"):
                raise InputError(
                    f"{path.name} has no column 'youtube_id', or a row has no value in it"
                )
            if not row.get("label"):
                continue
            stem = _kinetics_name(row)
            fold = row.get("split") or path.stem
            video = where.get(stem) or where.get(row["youtube_id"])
            missing = root / row["label"] / f"{stem}.mp4"
            yield Item(stem, row["label"], video or missing, fold_of(fold), row["youtube_id"])


def _kinetics_name(row: dict[str, Any]) -> str:
    try:
        start, end = (int(float(row[column])) for column in ("time_start", "time_end"))
    except (KeyError, TypeError, ValueError):
        return row["youtube_id"]
    return f"{row['youtube_id']}_{start:06}_{end:06}"


def something_items(root: Path) -> Iterator[Item]:
    """Clips of all lists of Something-Something in a folder; a clip is a video named ``ID``.

    A class is a template without brackets: "Holding something".
    """
    where = _by_stem(root)
    for path in _lists(root, ".json", ".csv"):
        rows = _version_1(path) if path.suffix.lower() == ".csv" else _version_2(path)
        for name, label in rows:
            yield Item(
                name, label, where.get(name, root / f"{name}.webm"), fold_of(path.stem), name
            )


def _version_1(path: Path) -> Iterator[tuple[str, str]]:
    """Lines ``id;class``; of the test list, which has no classes, none."""
    for line in user_files.read_text(path).split("\n"):
        name, _, label = line.strip().partition(";")
        if name and label:
            yield name, _BRACKETS.sub("", label)


def _version_2(path: Path) -> Iterator[tuple[str, str]]:
    try:
        told = json.loads(user_files.read_text(path))
    except (ValueError, RecursionError) as problem:
        raise InputError(f"{path.name} is not JSON ({problem})") from problem
    if isinstance(told, dict):  # the list of labels
        return
    for row in told if isinstance(told, list) else ():
        if not isinstance(row, dict) or "id" not in row:
            raise InputError(f"{path.name} has an entry without 'id'; needed: a list of clips")
        label = row.get("template") or row.get("label")
        if label:
            yield str(row["id"]), _BRACKETS.sub("", str(label))


def fold_of(name: str) -> str:
    """The fold of a list of this name: train, val or test where the name has the word."""
    words = re.split(r"[^a-z]+", name.lower())
    for fold in _FOLDS:
        if any(word.startswith(fold) for word in words):
            return fold
    return name


def _lists(root: Path, *endings: str) -> list[Path]:
    return [path for path in user_files.listed(root) if path.suffix.lower() in endings]


def _by_stem(root: Path) -> dict[str, Path]:
    """Name of a video without its ending -> its path, the first in order."""
    found: dict[str, Path] = {}
    for path in _videos(user_files.files_below(root)):
        found.setdefault(path.stem, path)
    return found


def _videos(files: Iterable[Path]) -> Iterator[Path]:
    return filter(is_video_name, files)
