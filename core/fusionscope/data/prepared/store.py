"""Store: a folder of prepared clips, which several machines may fill and many may read.

``prepared.json`` says what the clips are, ``clips.csv`` lists them with their folds, and each clip
has a file ``XX/NAME.safetensors`` (``clip_file``), or ``XX/NAME.problem`` if it cannot be read; XX
and NAME are digests of its id. Every file is written whole or not at all.
"""

from __future__ import annotations

import csv
import io
import json
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from fusionscope.base import user_files
from fusionscope.base.atomic_file import atomic_write, make_folder
from fusionscope.base.records import InputError, digest_of, printable
from fusionscope.data.clip_cache import Kept
from fusionscope.data.datasets import DataSet, Item
from fusionscope.data.prepared.clip_file import VERSION, ClipHeader, read_header
from fusionscope.data.prepared.pictures import FLOW, FRAMES, StoredPictures

PUBLISHED = "published"  # flow that others computed
_ABANDONED = 3600.0  # seconds after which an unfinished file is removed
_COLUMNS = ("id", "label", "group", "path")


@dataclass(frozen=True, eq=False)
class PreparedClip(Kept):
    """One prepared clip; its pictures are decompressed where they are indexed."""

    header: ClipHeader | None = None

    def pictures(self) -> StoredPictures:
        """Frames, (N, H, W, 3) uint8."""
        return StoredPictures(self.frames, FRAMES, self._size)

    def fields(self) -> StoredPictures:
        """Flow fields, (N-1, H, W, 2) uint8."""
        return StoredPictures(self.frames, FLOW, self._size)

    @property
    def told(self) -> ClipHeader:
        """The clip's header."""
        return self.header or read_header(self.frames)

    @property
    def _size(self) -> tuple[int, int]:
        return self.told.height, self.told.width


@dataclass(frozen=True)
class Store:
    """A folder of prepared clips."""

    folder: Path
    data: str  # the kind of data set, one of ``datasets.READERS``
    root: Path  # where its videos were
    flow: str  # method, or ``PUBLISHED``

    def path_of(self, clip: str) -> Path:
        """The file of the clip with this id."""
        name = digest_of(clip)[:24]
        return self.folder / name[:2] / f"{name}.safetensors"

    def problem_of(self, clip: str) -> Path:
        """The file that says why a clip could not be prepared."""
        return self.path_of(clip).with_suffix(".problem")

    def header_of(self, item: Item) -> ClipHeader | None:
        """The header of an item's prepared clip; None if it has to be prepared (again)."""
        path = self.path_of(item.id)
        if not path.is_file():
            return None
        try:
            header = read_header(path)
        except InputError:  # damaged, as by a power failure
            return None
        with suppress(OSError):
            if item.path.stat().st_size != header.source_bytes:
                return None
        return header if (header.version, header.flow) == (VERSION, self.flow) else None

    def clip(self, item: Item) -> PreparedClip:
        """The prepared clip of an item.

        Raises:
            InputError: it is not prepared; the reason, if it could not be.
        """
        path = self.path_of(item.id)
        if not path.is_file():
            with suppress(OSError):
                raise InputError(self.problem_of(item.id).read_text("utf-8"))
            raise InputError(
                f"{printable(item.id)} is not in {self.folder}; run fusionscope prepare again"
            )
        header = read_header(path)
        return PreparedClip(item, path, path, header.notes, header)

    def clips(self, items: Iterable[Item]) -> tuple[list[Kept], dict[str, str]]:
        """The prepared clips of some items; and id -> error for those that are not prepared."""
        found: list[Kept] = []
        problems: dict[str, str] = {}
        for item in items:
            try:
                found.append(self.clip(item))
            except InputError as problem:
                problems[item.id] = str(problem)
        return found, problems

    def check_flow(self, method: str) -> None:
        """Raise InputError if a network of this flow method needs other flow than the store's."""
        if self.flow not in (method, PUBLISHED):
            raise InputError(
                f"{self.folder} has flow of {self.flow}, and the network was made for {method}; "
                f"needed: clips prepared with --flow {method}"
            )


def open_store(folder: Path) -> Store:
    """Open a folder that ``fusionscope prepare`` made.

    Raises:
        InputError: it is no such folder.
    """
    path = folder / "prepared.json"
    try:
        told = json.loads(user_files.read_text(path))
        return Store(folder, told["data"], Path(told["root"]), told["flow"])
    except (InputError, ValueError, KeyError, TypeError) as problem:
        raise InputError(
            f"{folder} has no prepared clips; needed: a folder that fusionscope prepare made"
        ) from problem


def create_store(folder: Path, root: Path, flow: str, sets: Sequence[DataSet]) -> Store:
    """Create a store, or open it to add to it; list the data set's clips in it.

    Args:
        sets: the data set, once for each split.

    Raises:
        InputError: the folder holds another data set or other flow, or cannot be written.
    """
    store = Store(folder, sets[0].name, root.absolute(), flow)
    if (folder / "prepared.json").exists():
        there = open_store(folder)
        if (there.data, there.flow) != (store.data, flow):
            raise InputError(
                f"{folder} holds {there.data} with flow of {there.flow}; needed: another folder "
                f"for {store.data} with flow of {flow}"
            )
    elif user_files.listed(folder):
        raise InputError(f"{folder} holds other files; needed: a new or empty folder")
    make_folder(folder)
    _remove_abandoned(folder)
    told = {"data": store.data, "root": str(store.root), "flow": flow, "version": VERSION}
    for name, text in (("clips.csv", _listing(sets)), ("prepared.json", json.dumps(told))):
        with atomic_write(folder / name) as unfinished:
            unfinished.write_text(text, "utf-8")
    return store


def _remove_abandoned(folder: Path) -> None:
    """Remove what killed processes left unfinished."""
    for path in folder.glob("**/*.partial"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > _ABANDONED:
                path.unlink()


def _listing(sets: Sequence[DataSet]) -> str:
    """A table of all clips, with one column of folds for each split."""
    folds = [{item.id: item.fold for item in (*one.items, *one.missing)} for one in sets]
    items = {item.id: item for one in sets for item in (*one.items, *one.missing)}
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow([*_COLUMNS, *(f"fold{k}" for k in range(1, len(sets) + 1))])
    for name, item in items.items():
        path = item.path.relative_to(sets[0].root).as_posix()
        rows.writerow(
            [name, item.label, item.group, path, *(of.get(name, "unused") for of in folds)]
        )
    return text.getvalue()


def prepared_data(store: Store, split: int = 1) -> DataSet:
    """The data set of a store, as it was listed when it was prepared; its videos are not needed.

    Raises:
        InputError: the list is missing or damaged, or there is no such split.
    """
    text = user_files.read_text(store.folder / "clips.csv", str(store.folder / "clips.csv"))
    rows = [*csv.DictReader(io.StringIO(text))]
    splits = sum(name.startswith("fold") for name in (rows[0] if rows else ()))
    column = f"fold{split if splits > 1 else 1}"
    if not rows or any(row.get(name) is None for row in rows for name in (*_COLUMNS, column)):
        raise InputError(
            f"{store.folder} lists {splits} splits of {store.data}; needed: split {split}"
        )
    items = tuple(
        Item(row["id"], row["label"], store.root / row["path"], row[column], row["group"])
        for row in rows
    )
    labels = tuple(dict.fromkeys(item.label for item in items))
    return DataSet(store.data, store.root, labels, items)
