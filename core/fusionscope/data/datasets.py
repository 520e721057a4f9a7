"""Data sets: labelled clips in folders, with their official splits. Nothing is downloaded.

J-HMDB has ``clips/``, ``masks/`` and ``clips.csv``. UCF101 and HMDB51 are laid out as in their
archives: one folder of videos per class, and the official lists. Kinetics, Something-Something and
others are read by their lists. Any other folder has
``label/clip.mp4``. Links below the root are followed, also those of class folders, as the user
created them; paths in lists must not leave the root. Hidden names are left out.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from fusionscope.base import paths, user_files
from fusionscope.base.records import InputError, printable
from fusionscope.data import layouts, list_files
from fusionscope.data.items import Item
from fusionscope.data.kinds import SPLITS

__all__ = ["READERS", "DataSet", "Item", "open_data", "open_splits"]


@dataclass(frozen=True)
class DataSet:
    """Labelled clips for training and evaluation."""

    name: str
    root: Path
    labels: tuple[str, ...]
    items: tuple[Item, ...]
    missing: tuple[Item, ...] = ()  # listed clips whose files are missing

    @property
    def problems(self) -> dict[str, str]:
        """Id -> error message, for each missing clip."""
        return {item.id: f"{item.path.relative_to(self.root)} not found" for item in self.missing}

    def of(self, folds: Collection[str]) -> DataSet:
        """The subset of clips in these folds.

        Raises:
            InputError: a fold does not exist.
        """
        known = sorted({item.fold for item in (*self.items, *self.missing)})
        for fold in folds:
            if fold not in known:
                raise InputError(
                    f"{self.name} in {self.root} has no fold {fold}; choose from {', '.join(known)}"
                )
        kept, missing = (
            tuple(item for item in items if item.fold in folds)
            for items in (self.items, self.missing)
        )
        return dataclasses.replace(self, items=kept, missing=missing)


def open_data(name: str, root: Path, split: int = 1) -> DataSet:
    """List the clips of a data set, and which of them are missing.

    Args:
        name: one of ``READERS``.
        split: 1 to 3, for UCF101 and HMDB51.

    Raises:
        InputError: unknown data set, missing folder or list, a listed path outside the root, or no
            clip found.
    """
    if name not in READERS:
        raise InputError(f"unknown data set {name!r}; choose one of {', '.join(READERS)}")
    root = paths.expanded(root)
    if not user_files.is_there(root, Path.is_dir):
        raise InputError(f"data folder {root} not found; needed: the root folder of {name}")
    if name in SPLITS and split not in range(1, 1 + SPLITS[name]):
        raise InputError(f"{name} has no split {split}; choose 1, 2 or 3")
    listed = list(READERS[name](root, split))
    for item in listed:
        if not item.path.is_relative_to(root) or ".." in item.path.relative_to(root).parts:
            raise InputError(
                f"{name} lists {printable(item.id)}, which is outside its root folder {root}"
            )
    items = tuple(item for item in listed if user_files.is_there(item.path))
    if not items:
        found = f"none of the {len(listed)} listed" if listed else "none listed"
        raise InputError(f"{root} has no clips of {name} ({found}); {layouts.NEEDED[name]}")
    labels = tuple(dict.fromkeys(item.label for item in listed))
    missing = tuple(item for item in listed if item not in set(items))
    return DataSet(name, root, labels, items, missing)


def open_splits(name: str, root: Path) -> list[DataSet]:
    """List a data set once for each of its splits whose lists are there.

    Raises:
        InputError: as ``open_data`` for the first split.
    """
    found = [open_data(name, root)]
    for split in range(2, 1 + SPLITS.get(name, 1)):
        try:
            found.append(open_data(name, root, split))
        except InputError:  # lists of only some splits
            break
    return found


READERS: Mapping[str, Callable[[Path, int], Iterator[Item]]] = MappingProxyType(
    {
        "jhmdb": lambda root, _: layouts.jhmdb_items(root),
        "ucf101": layouts.ucf101_items,
        "hmdb51": layouts.hmdb51_items,
        "kinetics": lambda root, _: list_files.kinetics_items(root),
        "something": lambda root, _: list_files.something_items(root),
        "list": lambda root, _: list_files.list_items(root),
        "folder": lambda root, _: layouts.folder_items(root),
    }
)
"""Name -> function that lists all clips under a root, including missing ones."""
