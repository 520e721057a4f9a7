"""Atomic file: write to a temporary file, then rename it."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from safetensors import SafetensorError

from fusionscope.base.records import InputError


@contextmanager
def atomic_write(path: Path, name: str = "") -> Iterator[Path]:
    """Yield a temporary path to write to; it replaces ``path`` when the block ends.

    If the block fails or the process is killed, ``path`` is unchanged; after a kill, the temporary
    file remains, which nothing reads. Each process, on any machine, uses its own temporary file.

    Args:
        name: the file's name in errors, if not that of ``path``.

    Raises:
        InputError: the disk is full, or the folder is missing or read-only.
    """
    unfinished = path.with_name(f"{path.name}.{uuid.uuid4().hex[:12]}.partial")
    try:
        yield unfinished
        unfinished.replace(path)
    except (OSError, SafetensorError) as problem:
        why = (isinstance(problem, OSError) and problem.strerror) or str(problem)
        where = "the disk" if name else f"{path.parent}"
        raise InputError(
            f"{name or path.name} cannot be written ({why}); "
            f"needed: free space and write permission on {where}"
        ) from problem
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


def check_writable(path: Path) -> None:
    """Check before long work that its result can be written.

    Raises:
        InputError: the folder is missing or read-only, or the path is a folder.
    """
    if path.is_dir():
        raise InputError(f"{path} is a folder; needed: the name of a file")
    trial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        trial.touch()
        trial.unlink()
    except OSError as problem:
        raise InputError(
            f"{path.name} cannot be written ({problem.strerror}); needed: a folder {path.parent} "
            "with write permission"
        ) from problem


def make_folder(folder: Path) -> Path:
    """Create a folder if it does not exist.

    Raises:
        InputError: it cannot be created.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise InputError(
            f"the folder {folder} cannot be created ({problem.strerror}); needed: a writable "
            "location"
        ) from problem
    return folder
