"""Draft: a file that is written beside its place, and takes the place only when it is whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def draft(path: Path) -> Iterator[Path]:
    """Where to write what ``path`` is to hold, which it does when the block ends.

    If the block fails, ``path`` is as it was; if the process is killed in it, too, and its draft
    stays, which nothing reads. Processes that write the same file have a draft each.
    """
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        yield unfinished
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
