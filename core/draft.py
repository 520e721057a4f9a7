"""Draft: a file that is written beside its place, and takes the place only when it is whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from safetensors import SafetensorError

from core.records import InputError


@contextmanager
def draft(path: Path, name: str = "") -> Iterator[Path]:
    """Where to write what ``path`` is to hold, which it does when the block ends.

    If the block fails, ``path`` is as it was; if the process is killed in it, too, and its draft
    stays, which nothing reads. Processes that write the same file have a draft each.

    Args:
        name: how to speak of it, if not by the file's name.

    Raises:
        InputError: it cannot be written: the disk is full, the folder read-only or not there.
    """
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        yield unfinished
        unfinished.replace(path)
    except (OSError, SafetensorError) as problem:
        why = (isinstance(problem, OSError) and problem.strerror) or str(problem)
        where = "room on the disk, and leave to write there"
        where = where if name else f"room in {path.parent}, and leave to write there"
        raise InputError(
            f"{name or path.name} cannot be written ({why}); needed: {where}"
        ) from problem
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


def made(folder: Path) -> Path:
    """A folder to write into, made if it is not there.

    Raises:
        InputError: it cannot be.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise InputError(
            f"the folder {folder} cannot be made ({problem.strerror}); needed: a place that can be "
            "written to"
        ) from problem
    return folder
