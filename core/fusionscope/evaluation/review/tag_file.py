"""Tag file: tags and notes of clips, in one SQLite file that several people may change at once.

Each change is one transaction: written whole or not at all. Tags are added and removed one by one,
so that two people's changes of the same clip add up. A note is replaced only by someone who has
read its newest version.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from fusionscope.base.atomic_file import make_folder
from fusionscope.base.records import InputError, digest_of, printable

FILE = "fusionscope-tags.sqlite"
TAG = 40  # characters, at most
NOTE = 2000  # characters, at most
TAGS = 20  # of one clip, at most
_PATIENCE = 10.0  # seconds to wait while another person writes
_FORMAT = 0x66736374  # SQLite's application id of such a file
_TABLES = f"""
PRAGMA application_id = {_FORMAT};
CREATE TABLE IF NOT EXISTS tag (
  data TEXT NOT NULL, clip TEXT NOT NULL, tag TEXT NOT NULL, PRIMARY KEY (data, clip, tag)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS note (
  data TEXT NOT NULL, clip TEXT NOT NULL, note TEXT NOT NULL, version INTEGER NOT NULL,
  PRIMARY KEY (data, clip)
) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Review:
    """What people wrote about one clip."""

    tags: tuple[str, ...] = ()  # sorted
    note: str = ""
    version: int = 0  # of the note; 0: never written


def data_key(classes: Iterable[str]) -> str:
    """The name of a data set in a tag file, by its classes."""
    return digest_of(*sorted(classes))[:16]


class TagFile:
    """The tags and notes in one file, which is created by the first change.

    Every method raises InputError if the file cannot be opened, read or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def reviews(self, data: str) -> Mapping[str, Review]:
        """Clip -> its tags and note, for the clips of a data set that have some."""
        if not self.path.exists():
            return {}
        with self._opened() as file:
            return _reviews(file, data)

    def change_tags(
        self, data: str, clips: Sequence[str], add: Iterable[str] = (), remove: Iterable[str] = ()
    ) -> None:
        """Add tags to clips and remove others from them, in one step.

        Raises:
            InputError: a tag is too long, or a clip would have too many.
        """
        added = [*map(_checked, add)]
        with self._opened(write=True) as file:
            for clip in clips:
                file.executemany(
                    "DELETE FROM tag WHERE data = ? AND clip = ? AND tag = ?",
                    [(data, clip, tag) for tag in remove],
                )
                file.executemany(
                    "INSERT OR IGNORE INTO tag VALUES (?, ?, ?)", [(data, clip, t) for t in added]
                )
                has = "SELECT count(*) FROM tag WHERE data = ? AND clip = ?"
                if file.execute(has, (data, clip)).fetchone()[0] > TAGS:
                    raise InputError(
                        f"{printable(clip)} would have more than {TAGS} tags; remove some"
                    )

    def write_note(self, data: str, clip: str, note: str, version: int) -> None:
        """Write the note of a clip; an empty one removes it.

        Args:
            version: that of the note which the writer has read.

        Raises:
            InputError: it is too long, or another person has changed it since.
        """
        note = note.strip()
        if len(note) > NOTE:
            raise InputError(f"the note has {len(note):,} characters; needed: {NOTE:,} at most")
        with self._opened(write=True) as file:
            found = "SELECT note, version FROM note WHERE data = ? AND clip = ?"
            now, newest = file.execute(found, (data, clip)).fetchone() or ("", 0)
            if newest != version and now != note:
                raise InputError(
                    f"another person has changed the note of {printable(clip)} meanwhile; read the "
                    "new note, then write yours again"
                )
            file.execute(
                "INSERT OR REPLACE INTO note VALUES (?, ?, ?, ?)", (data, clip, note, newest + 1)
            )

    @contextmanager
    def _opened(self, write: bool = False) -> Iterator[sqlite3.Connection]:
        """The open file, within one transaction."""
        if write:
            make_folder(self.path.parent)
        mode = "rwc" if write else "ro"
        try:
            uri = f"{self.path.absolute().as_uri()}?mode={mode}"
            opened = sqlite3.connect(uri, timeout=_PATIENCE, isolation_level=None, uri=True)
            with closing(opened) as file:
                file.execute("PRAGMA trusted_schema = OFF")  # the file may come from anybody
                file.execute("BEGIN IMMEDIATE" if write else "BEGIN")
                if file.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
                    for command in _TABLES.split(";"):
                        file.execute(command)
                elif file.execute("PRAGMA application_id").fetchone()[0] != _FORMAT:
                    raise InputError(f"{self.path} is not a file of tags; move it away")
                yield file
                file.execute("COMMIT")
        except (sqlite3.Error, OSError, ValueError) as problem:
            if isinstance(problem, InputError):
                raise
            raise InputError(
                f"the tags in {self.path} cannot be {'written' if write else 'read'} ({problem}); "
                "needed: an undamaged file and permission to read and write it"
            ) from problem


def _reviews(file: sqlite3.Connection, data: str) -> dict[str, Review]:
    tags: dict[str, list[str]] = defaultdict(list)
    for clip, tag in file.execute("SELECT clip, tag FROM tag WHERE data = ? ORDER BY tag", (data,)):
        tags[str(clip)].append(str(tag))
    notes = {
        str(clip): (str(note), int(version))
        for clip, note, version in file.execute(
            "SELECT clip, note, version FROM note WHERE data = ?", (data,)
        )
    }
    return {
        clip: Review(tuple(tags.get(clip, ())), *notes.get(clip, ("", 0)))
        for clip in {**tags, **notes}
    }


def _checked(tag: str) -> str:
    """A tag without spaces at its ends, on one line."""
    tag = " ".join(tag.split())
    if not 0 < len(tag) <= TAG or not tag.isprintable():
        raise InputError(f"the tag {printable(tag)!r} is not 1 to {TAG} printable characters long")
    return tag
