"""Heap: what the libraries hold is no garbage, and is not searched for it after every run.

Streamlit looks for garbage through all objects there are whenever a page has run. With torch and
its kin among them that took 0.4 s of a view that takes 0.08 without, and visitors waited for each
other. So what is there is set aside, and taken back now and then, as some of it has become garbage:
what a visitor who left had open.
"""

from __future__ import annotations

import gc
import time

EVERY = 20.0  # seconds


def settle() -> None:
    """Let go of all garbage, and set aside what is left."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def keep_settled() -> None:
    """Do so again and again, for as long as the server lives."""
    while True:
        time.sleep(EVERY)
        settle()
