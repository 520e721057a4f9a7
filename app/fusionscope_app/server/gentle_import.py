"""Gentle import: import in the background without slowing the pages that run meanwhile.

All threads of Python share one lock. An import holds it in long steps, and searches all objects for
garbage as their number grows.
"""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

from fusionscope_app.server.visits import Visits

_SWITCH = 0.001  # seconds until a waiting thread gets the lock; Python's own is 0.005
_LONGEST = 0.5  # seconds of a page run for which an import waits: a longer one may wait for it


class _Pauses(MetaPathFinder):
    """Finds no module; before each import of one thread it waits until no page runs."""

    def __init__(self, visits: Visits) -> None:
        self.visits, self.thread = visits, threading.get_ident()

    def find_spec(
        self,
        fullname: str,  # noqa: ARG002
        path: Sequence[str] | None,  # noqa: ARG002
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        if threading.get_ident() == self.thread:
            gc.freeze()  # what has been imported is not searched for garbage after each page
            self.visits.wait_while_running(_LONGEST)
        return None


@contextmanager
def gentle_imports(visits: Visits) -> Iterator[None]:
    """Let this thread's imports in the block make way for the pages of visitors."""
    pauses, switch = _Pauses(visits), sys.getswitchinterval()
    sys.meta_path.insert(0, pauses)
    sys.setswitchinterval(_SWITCH)
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        sys.setswitchinterval(switch)
        sys.meta_path.remove(pauses)
