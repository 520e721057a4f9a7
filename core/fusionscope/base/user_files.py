"""User files: list folders and read text files that a user brings.

Names that file managers, editors and archives leave behind are hidden everywhere: ``.DS_Store``,
``._clip.mp4``, ``.ipynb_checkpoints``, ``Thumbs.db``, ``__MACOSX``.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from fusionscope.base.records import InputError, printable

_LEFT_BEHIND = frozenset(
    {"thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx", "__pycache__", "$recycle.bin"}
    | {"system volume information", "lost+found", "@eadir"}
)
_DEEPEST = 20  # nested folders that are searched
_FOLDERS = 100_000  # searched at most; links can make a tree that is larger than the disk
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def is_hidden(name: str) -> bool:
    """Whether a file or folder of this name is left out of every list."""
    return name.startswith(".") or name.lower() in _LEFT_BEHIND


def listed(folder: Path) -> list[Path]:
    """The entries of a folder that are not hidden, by name; none if there is no such folder.

    Raises:
        InputError: the folder cannot be read.
    """
    try:
        return sorted(path for path in folder.iterdir() if not is_hidden(path.name))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as problem:
        raise _unlisted(folder, problem) from problem


def is_there(path: Path, kind: Callable[[Path], bool] = Path.is_file) -> bool:
    """Whether a path is a file, or a folder with ``Path.is_dir``.

    Raises:
        InputError: the folder that it is in may not be opened.
    """
    try:
        return kind(path)
    except OSError as problem:
        raise InputError(
            f"{printable(str(path))} cannot be opened ({problem.strerror}); needed: a path that "
            "you may read"
        ) from problem


def files_below(folder: Path, follow: bool = True, broken: bool = True) -> Iterator[Path]:
    """Files below a folder, folder by folder and by name; hidden names are left out.

    A folder that contains itself through a link is searched once.

    Args:
        follow: search folders that are links, wherever they lead.
        broken: raise an error for a folder that cannot be read; else leave it out.

    Raises:
        InputError: a folder cannot be read, or there are too many.
    """
    waiting: list[tuple[Path, tuple[tuple[int, int], ...]]] = [(folder, ())]
    for number in range(_FOLDERS):
        if not waiting:
            return
        at, above = waiting.pop()
        try:
            state = at.stat()
            own = state.st_dev, state.st_ino
            if own in above:
                continue
            with os.scandir(at) as found:
                entries = sorted((one for one in found if not is_hidden(one.name)), key=_name)
        except OSError as problem:
            if broken or not number:
                raise _unlisted(at, problem) from problem
            continue
        inside = [one.name for one in entries if _is_folder(one, follow)]
        if len(above) < _DEEPEST:
            waiting.extend((at / name, (*above, own)) for name in reversed(inside))
        within = frozenset(inside)
        yield from (at / one.name for one in entries if one.name not in within)
    raise InputError(f"{folder} has more than {_FOLDERS:,} folders; needed: fewer")


def read_text(path: Path, name: str = "") -> str:
    r"""Read a text file, with or without a byte order mark; line ends become ``\n``.

    Args:
        name: what errors call it; by default the file's name.

    Raises:
        InputError: it cannot be opened, or is not text in UTF-8 or UTF-16.
    """
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as problem:  # ValueError: a name that no file can have
        why = problem.strerror if isinstance(problem, OSError) else "invalid file name"
        raise InputError(f"{name or printable(path.name)} cannot be read: {why}") from problem
    return text_in(content, name or printable(path.name))


def text_in(content: bytes, name: str) -> str:
    r"""Decode the content of a text file; line ends become ``\n``.

    Raises:
        InputError: it is not text in UTF-8 or UTF-16.
    """
    coding = next((coding for mark, coding in _MARKS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(coding)
    except UnicodeDecodeError as problem:
        raise InputError(
            f"{name} is not text in UTF-8 (byte {problem.start}); save it as UTF-8"
        ) from problem
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_classes(path: Path) -> list[str]:
    """Read names of classes, one in a line; if all lines are numbered, "1 Name" means Name.

    Raises:
        InputError: the file cannot be read, or is not text.
    """
    lines = [line.strip() for line in read_text(path).split("\n") if line.strip()]
    parts = [line.split(maxsplit=1) for line in lines]
    if all(len(p) == 2 and p[0] == str(k) for k, p in enumerate(parts, start=1)):
        return [p[1] for p in parts]
    return lines


def _name(entry: os.DirEntry[str]) -> str:
    return entry.name


def _is_folder(entry: os.DirEntry[str], follow: bool) -> bool:
    try:
        return entry.is_dir(follow_symlinks=follow)
    except OSError:  # a link to itself
        return False


def _unlisted(folder: Path, problem: OSError) -> InputError:
    return InputError(
        f"the folder {printable(str(folder))} cannot be listed ({problem.strerror}); "
        "needed: a folder that you may read"
    )
