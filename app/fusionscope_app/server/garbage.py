"""Freeze library objects so that garbage collection skips them.

Streamlit collects garbage after every run of a page. With the objects of torch and other libraries
that took 0.4 s, on a page that otherwise takes 0.08 s, and visitors waited for each other. The
objects are therefore frozen. They are unfrozen and collected regularly, because some become
garbage: the results of visitors who have left.
"""

from __future__ import annotations

import gc
import sys
import time

from fusionscope_app.server.visits import Visits

EVERY = 20.0  # seconds between two collections
_LOOK = 1.0  # seconds between two looks for new modules
_PAUSE = 0.3  # seconds without a page run


def settle() -> None:
    """Collect all garbage, then freeze the objects that are left."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def freeze_new_modules(known: int) -> int:
    """Freeze all objects if modules were imported since there were ``known``; return their number.

    This takes no time. It does not wait for a pause: a busy server imports the most.
    """
    now = len(sys.modules)
    if now != known:
        gc.freeze()
    return now


def keep_settled(visits: Visits) -> None:
    """Freeze what is imported and collect garbage regularly, for as long as the server runs."""
    modules = 0
    while True:
        next_settle = time.monotonic() + EVERY
        while time.monotonic() < next_settle:
            modules = freeze_new_modules(modules)
            time.sleep(_LOOK)
        visits.wait_for_pause(_PAUSE, EVERY)
        settle()
