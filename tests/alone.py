"""Alone: a test that is marked so has the machine to itself, whatever runs beside it.

The other processes of a run wait before their next test, outside of that test's clock.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def turn(run: str, *, alone: bool) -> Iterator[None]:
    """Take part in a run of this name, with others or alone."""
    folder = Path(tempfile.gettempdir())
    with _locked(folder / f"{run}.door", fcntl.LOCK_EX) as open_door:
        room = _locked(folder / f"{run}.room", fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        with room:
            if not alone:  # who waits to be alone keeps the door shut: nobody slips in
                open_door()
            yield


@contextmanager
def _locked(path: Path, kind: int) -> Iterator[Callable[[], None]]:
    with path.open("w") as file:

        def unlock() -> None:
            fcntl.flock(file, fcntl.LOCK_UN)

        fcntl.flock(file, kind)
        try:
            yield unlock
        finally:
            unlock()


def run_name() -> str:
    """What the processes of one run call it; empty where there is one alone."""
    name = os.environ.get("PYTEST_XDIST_TESTRUNUID", "")
    return f"fusionscope-{name}" if name else ""
