"""Memory: running out of it is told like what a person can put right, and leaves nothing behind."""

from __future__ import annotations

import gc
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from core.records import InputError

_ALLOCATOR = "DefaultCPUAllocator"  # who speaks where torch finds no room outside a graphics card


@contextmanager
def enough_memory() -> Iterator[None]:
    """In this block running out of memory is an InputError, and what was taken is let go of."""
    try:
        yield
    except (MemoryError, RuntimeError) as problem:  # torch.OutOfMemoryError is a RuntimeError
        torch = sys.modules.get("torch")  # not imported here: the command line is to start at once
        on_card = torch is not None and isinstance(problem, torch.OutOfMemoryError)
        if not (on_card or isinstance(problem, MemoryError) or _ALLOCATOR in str(problem)):
            raise
        traceback.clear_frames(problem.__traceback__)  # they hold what was made so far
        where = "the graphics card" if on_card else "this computer"
    else:
        return
    gc.collect()
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()
    ways = "a shorter clip, a smaller network, fewer of them at a time"
    ways += ", or CUDA_VISIBLE_DEVICES= to do without the card" if on_card else ""
    raise InputError(f"{where} has too little memory for this; needed: {ways}")
