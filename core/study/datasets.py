"""Data sets: labelled clips in folders, with their official splits. Nothing is downloaded.

J-HMDB lies as ``clips/``, ``masks/`` and ``clips.csv``; UCF101 and HMDB51 as their archives unpack,
videos in a folder a class, beside the official lists; any other folder holds ``label/clip.mp4``.
Links below the root are followed, as somebody laid them there; lists may not lead out of it.
"""

from __future__ import annotations

import csv
import dataclasses
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from core.records import InputError, spoken

ENDINGS = (".mp4", ".mov", ".webm", ".mkv", ".avi", ".m4v", ".mpg", ".mpeg", ".gif", ".ogv", ".3gp")
"""What the name of a video ends with."""

FOLDS = 5
"""A folder without a list of its own is dealt into so many folds, class by class."""


@dataclass(frozen=True)
class Item:
    """One clip of a data set."""

    id: str  # unique in its set
    label: str
    path: Path
    fold: str  # what it is held out with: a fold's number, or "train", "test", "unused"
    group: str  # clips of one source, which no split may tear apart
    mask: Path | None = None  # where the actor is, frame by frame


@dataclass(frozen=True)
class DataSet:
    """Clips to learn from and to be measured on."""

    name: str
    root: Path
    labels: tuple[str, ...]
    items: tuple[Item, ...]
    missing: tuple[Item, ...] = ()  # clips that are listed, and not there

    @property
    def problems(self) -> dict[str, str]:
        """Id -> a sentence for each clip that is not there."""
        return {
            item.id: f"{item.path.relative_to(self.root)} is not there" for item in self.missing
        }

    def of(self, folds: Collection[str]) -> DataSet:
        """The clips of some folds.

        Raises:
            InputError: there is no such fold.
        """
        known = sorted({item.fold for item in (*self.items, *self.missing)})
        for fold in folds:
            if fold not in known:
                raise InputError(
                    f"{self.name} in {self.root} has no fold {fold}; there are {', '.join(known)}"
                )
        kept, missing = (
            tuple(item for item in items if item.fold in folds)
            for items in (self.items, self.missing)
        )
        return dataclasses.replace(self, items=kept, missing=missing)


def open_data(name: str, root: Path, split: int = 1) -> DataSet:
    """Read what clips a data set has, and which of them are not there.

    Args:
        name: one of ``READERS``.
        split: of UCF101 and HMDB51, 1 to 3.

    Raises:
        InputError: there is no such data set, folder or list, a list names what is outside, or not
            one of its clips is there.
    """
    if name not in READERS:
        raise InputError(f"there is no data set {name!r}; choose one of {', '.join(READERS)}")
    root = root.expanduser()
    if not root.is_dir():
        raise InputError(f"the data folder {root} is not there; needed: the root of {name}")
    if name in ("ucf101", "hmdb51") and split not in (1, 2, 3):
        raise InputError(f"{name} has no split {split}; choose 1, 2 or 3")
    listed = list(READERS[name](root, split))
    for item in listed:
        if not item.path.is_relative_to(root) or ".." in item.path.relative_to(root).parts:
            raise InputError(f"{name} lists {spoken(item.id)}, which lies outside its root {root}")
    items = tuple(item for item in listed if item.path.is_file())
    if not items:
        found = f"not one of the {len(listed)} listed" if listed else "none"
        raise InputError(f"{root} holds no clip of {name} ({found}); {_NEEDED[name]}")
    labels = tuple(dict.fromkeys(item.label for item in listed))
    missing = tuple(item for item in listed if item not in set(items))
    return DataSet(name, root, labels, items, missing)


def _jhmdb(root: Path, split: int) -> Iterator[Item]:  # noqa: ARG001
    rows = _table(root / "clips.csv", ("id", "label", "fold", "group"))
    for row in sorted(rows, key=lambda row: (row["label"], row["id"])):
        mask = root / "masks" / f"{row['id']}.npz"
        yield Item(
            row["id"],
            row["label"],
            root / "clips" / f"{row['id']}.mp4",
            row["fold"],
            row["group"],
            mask if mask.is_file() else None,
        )


def _table(path: Path, columns: Iterable[str]) -> list[dict[str, str]]:
    """The rows of a CSV file that has these columns."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise InputError(f"{path} cannot be read as CSV: {problem}") from problem
    for column in columns:
        if not rows or any(row.get(column) is None for row in rows):
            raise InputError(f"{path} lacks the column {column!r}, or a row lacks it")
    return rows


def _ucf101(root: Path, split: int) -> Iterator[Item]:
    lists = _beside(root, "classInd.txt")
    classes = {line.split(maxsplit=1)[-1] for line in _lines(lists / "classInd.txt")}
    where = {path.name: path for path in _videos(root)}
    for part in ("train", "test"):
        for line in _lines(lists / f"{part}list{split:02}.txt"):
            listed = Path(line.split()[0])
            label, stem = listed.parent.name, listed.stem
            if label not in classes:
                raise InputError(f"{part}list{split:02}.txt names the class {label!r}, which "
                                 "classInd.txt does not have")  # fmt: skip
            number = re.search(r"_g(\d+)_c\d+$", stem)
            group = f"{label}_g{number[1]}" if number else stem
            yield Item(stem, label, where.get(listed.name, root / listed), part, group)


def _hmdb51(root: Path, split: int) -> Iterator[Item]:
    ending = f"_test_split{split}.txt"
    first = next((path for path in sorted(root.rglob(f"*{ending}"))), None)
    if first is None:
        raise InputError(f"{root} lacks HMDB51's lists; {_NEEDED['hmdb51']}")
    where = {(path.parent.name, path.name): path for path in _videos(root)}
    for listing in sorted(first.parent.glob(f"*{ending}")):
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


def _folder(root: Path, split: int) -> Iterator[Item]:  # noqa: ARG001
    seen: dict[str, int] = {}
    for path in _videos(root):
        if path.parent.parent != root:
            continue
        label = path.parent.name
        place = seen[label] = seen.get(label, -1) + 1
        yield Item(f"{label}/{path.name}", label, path, str(place % FOLDS), f"{label}/{path.stem}")


READERS: Mapping[str, Callable[[Path, int], Iterator[Item]]] = MappingProxyType(
    {"jhmdb": _jhmdb, "ucf101": _ucf101, "hmdb51": _hmdb51, "folder": _folder}
)
"""Name -> reader of the clips under a root, those that are missing too."""

_NEEDED = {
    "jhmdb": "needed: clips.csv, and each clip as clips/ID.mp4",
    "ucf101": "needed: a folder of videos a class, and classInd.txt with trainlist01.txt and "
    "testlist01.txt (the archive UCF101TrainTestSplits-RecognitionTask.zip)",
    "hmdb51": "needed: a folder of videos a class, and ACTION_test_split1.txt for each (the "
    "archive test_train_splits.rar)",
    "folder": "needed: a folder for each label with videos in it",
}


def _videos(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.suffix.lower() in ENDINGS)


def _beside(root: Path, name: str) -> Path:
    """The folder under a root that holds a file of that name."""
    found = next(iter(sorted(root.rglob(name))), None)
    if found is None:
        raise InputError(f"{root} lacks {name}; {_NEEDED['ucf101']}")
    return found.parent


def _lines(path: Path) -> list[str]:
    try:
        return [line.strip() for line in path.read_text("utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as problem:
        raise InputError(f"{path} cannot be read: {problem}") from problem
