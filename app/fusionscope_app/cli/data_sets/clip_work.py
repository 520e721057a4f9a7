"""Clip work: what the commands share that work through the clips of a data set."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from fusionscope.base.records import InputError, Progress, percent

if TYPE_CHECKING:
    from fusionscope.data.datasets import DataSet
    from fusionscope.data.prepared.store import Store

_EACH = 8  # clips that a process should have at least, as it needs seconds to start
_MEMORY = 2 << 30  # bytes for each process
_SECONDS = 30.0  # between lines of progress off a terminal


def opened_data(
    data: str, root: Path | None, split: int, prepared: Path | None
) -> tuple[DataSet, Store | None]:
    """The data set below --root, or that of --prepared; and the store of prepared clips.

    Args:
        data: a kind of data set; empty: that of the store, or jhmdb.
    """
    from fusionscope.base.paths import expanded
    from fusionscope.data.datasets import open_data

    if prepared is None:
        if root is None:
            raise InputError("--root is missing; needed: the folder of the data set")
        return open_data(data or "jhmdb", root, split), None
    from fusionscope.data.prepared.store import open_store, prepared_data

    store = open_store(expanded(prepared))
    if data and data != store.data:
        raise InputError(f"{prepared} holds {store.data}, not {data}; needed: the same data set")
    return prepared_data(store, split), store


def default_jobs(clips: int) -> int:
    """Number of processes for this many clips: as cores, memory and their start-up time allow."""
    from fusionscope.parallel.results import usable_cores

    room = usable_cores()
    if hasattr(os, "sysconf") and "SC_AVPHYS_PAGES" in os.sysconf_names:
        free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        room = min(room, free // _MEMORY)
    return max(1, min(room, clips // _EACH))


@contextmanager
def shown_progress(*, as_json: bool) -> Iterator[Progress]:
    """Show progress on standard error: on a terminal as one line, else a line every 30 seconds."""
    terminal = sys.stderr.isatty()
    last = [time.monotonic()]

    def progress(stage: str, done: float) -> None:  # noqa: ARG001
        text = f"{percent(done, 1):>7} of the clips"
        if terminal and not as_json:
            print(f"\r{text}", end="", file=sys.stderr, flush=True)
        elif not terminal and time.monotonic() - last[0] > _SECONDS:
            last[0] = time.monotonic()
            print(text, file=sys.stderr, flush=True)

    yield progress
    if terminal and not as_json:
        print(file=sys.stderr)
