"""Layouts: the clips of J-HMDB, UCF101, HMDB51 and of a folder, as they lie on the disk."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from fusionscope.base import user_files
from fusionscope.base.records import InputError, printable
from fusionscope.data.items import Item
from fusionscope.video.accepted_names import is_video_name

FOLDS = 5
"""Number of folds into which a folder without a list is divided, class by class."""

NEEDED = {
    "jhmdb": "needed: clips.csv, and each clip as clips/ID.mp4",
    "ucf101": "needed: a folder of videos for each class, and classInd.txt with trainlist01.txt "
    "and testlist01.txt (the archive UCF101TrainTestSplits-RecognitionTask.zip)",
    "hmdb51": "needed: a folder of videos for each class, and ACTION_test_split1.txt for each "
    "(the archive test_train_splits.rar)",
    "folder": "needed: a folder of videos for each label",
    "kinetics": "needed: a CSV file with the columns label, youtube_id, time_start and time_end, "
    "and videos named ID_START_END or ID",
    "something": "needed: the lists in JSON or CSV, and videos named ID",
    "list": "needed: a file such as train.txt, with a path and a label in each line",
}
"""Kind of data set -> what its folder has to hold."""


def jhmdb_items(root: Path) -> Iterator[Item]:
    """Clips of ``clips.csv``, with their masks and what its other columns say of them."""
    needed = ("id", "label", "fold", "group")
    rows = _table(root / "clips.csv", needed)
    for row in sorted(rows, key=lambda row: (row["label"], row["id"])):
        mask = root / "masks" / f"{row['id']}.npz"
        yield Item(
            row["id"],
            row["label"],
            root / "clips" / f"{row['id']}.mp4",
            row["fold"],
            row["group"],
            mask if mask.is_file() else None,
            tuple((name, row[name] or "") for name in row if name and name not in needed),
        )


def _table(path: Path, columns: Iterable[str]) -> list[dict[str, str]]:
    """Read the rows of a CSV file, and check that it has these columns."""
    text = user_files.read_text(path, str(path))
    marks = {mark: text.partition("\n")[0].count(mark) for mark in ",;\t"}
    try:
        rows = list(csv.DictReader(io.StringIO(text), delimiter=max(marks, key=marks.__getitem__)))
    except csv.Error as problem:
        raise InputError(f"{path} cannot be read as CSV: {problem}") from problem
    for column in columns:
        if not rows or any(row.get(column) is None for row in rows):
            raise InputError(f"{path} has no column {column!r}, or a row has no value in it")
    return rows


def ucf101_items(root: Path, split: int) -> Iterator[Item]:
    """Clips of the official lists of a split."""
    files = [*user_files.files_below(root)]
    indices = [path.parent for path in files if path.name == "classInd.txt"]
    if not indices:
        raise InputError(f"{root} has no classInd.txt; {NEEDED['ucf101']}")
    lists = min(indices)
    classes = {line.split(maxsplit=1)[-1] for line in _lines(lists / "classInd.txt")}
    where = {path.name: path for path in _videos(files)}
    for part in ("train", "test"):
        for line in _lines(lists / f"{part}list{split:02}.txt"):
            listed = Path(line.split()[0])
            label, stem = listed.parent.name, listed.stem
            if label not in classes:
                raise InputError(f"{part}list{split:02}.txt lists the class {label!r}, which is "
                                 "missing in classInd.txt")  # fmt: skip
            number = re.search(r"_g(\d+)_c\d+$", stem)
            group = f"{label}_g{number[1]}" if number else stem
            yield Item(stem, label, where.get(listed.name, root / listed), part, group)


def hmdb51_items(root: Path, split: int) -> Iterator[Item]:
    """Clips of the official lists of a split."""
    ending = f"_test_split{split}.txt"
    files = [*user_files.files_below(root)]
    first = min((path for path in files if path.name.endswith(ending)), default=None)
    if first is None:
        raise InputError(f"{root} has no lists of HMDB51; {NEEDED['hmdb51']}")
    where = {(path.parent.name, path.name): path for path in _videos(files)}
    lists = [path for path in files if path.parent == first.parent and path.name.endswith(ending)]
    for listing in sorted(lists):
        label = listing.name.removesuffix(ending)
        for line in _lines(listing):
            name, _, part = line.rpartition(" ")
            name = name.strip()
            fold = {"1": "train", "2": "test", "0": "unused"}.get(part)
            if not name or fold is None:
                raise InputError(f"{listing.name} has the line {line[:60]!r}; needed: NAME 0, 1 "
                                 "or 2")  # fmt: skip
            path = where.get((label, name), root / label / name)
            source = name.partition(f"_{label}_")[0]
            yield Item(f"{label}/{Path(name).stem}", label, path, fold, f"{label}/{source}")


def folder_items(root: Path) -> Iterator[Item]:
    """Clips of a folder ``label/clip.mp4``, or ``label/group/clip.mp4``.

    Clips of one group stay in one fold. Lists ``train.txt``, ``val.txt`` and ``test.txt`` in the
    folder, with a path in each line, give the folds instead; other clips are then ``unused``.
    """
    folds = _split_files(root)
    for folder in user_files.listed(root):
        if folder.is_symlink() and not folder.exists() and not is_video_name(folder):
            raise InputError(f"{folder} is a link to a folder that is missing; mend or remove it")
        if not user_files.is_there(folder, Path.is_dir) or folder.samefile(root):
            continue
        yield from _of_class(folder, folds)
    listed = {name for name in folds if "/" in name and not (root / name).is_file()}
    for name in sorted(listed):
        label, _, clip = name.partition("/")
        yield Item(name, label, root / name, folds[name], f"{label}/{Path(clip).stem}")


def _of_class(folder: Path, folds: Mapping[str, str]) -> Iterator[Item]:
    label, place = folder.name, 0
    for inside in user_files.listed(folder):
        alone = is_video_name(inside)
        clips = [inside] if alone else _videos(user_files.listed(inside))
        for path in clips:
            name = path.relative_to(folder.parent).as_posix()
            fold = folds.get(name, "unused") if folds else str(place % FOLDS)
            group = f"{label}/{path.stem if alone else inside.name}"
            yield Item(name, label, path, fold, group)
        place += bool(clips)


def _split_files(root: Path) -> dict[str, str]:
    """Path of a clip below the root -> its fold."""
    folds: dict[str, str] = {}
    for fold in ("train", "val", "test"):
        path = root / f"{fold}.txt"
        for line in _lines(path) if path.is_file() else ():
            name = line.split()[0] if not is_video_name(Path(line)) else line
            if folds.setdefault(name, fold) != fold:
                raise InputError(
                    f"{printable(name)} is listed in {folds[name]}.txt and in {fold}.txt; needed: "
                    "one of them"
                )
    return folds


def _videos(files: Iterable[Path]) -> list[Path]:
    return sorted(path for path in files if is_video_name(path))


def _lines(path: Path) -> list[str]:
    lines = user_files.read_text(path, str(path)).split("\n")
    return [line.strip() for line in lines if line.strip()]
