"""Out of memory: turn it into an InputError and free the memory."""

from __future__ import annotations

import gc
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from fusionscope.base.records import InputError

_ALLOCATOR = "DefaultCPUAllocator"  # appears in torch's error when CPU memory runs out


@contextmanager
def memory_errors_as_input_errors() -> Iterator[None]:
    """Turn out-of-memory in this block into an InputError, and free the memory it used."""
    try:
        yield
    except (MemoryError, RuntimeError) as problem:  # torch.OutOfMemoryError is a RuntimeError
        torch = sys.modules.get("torch")  # not imported, so that the command line starts quickly
        on_card = torch is not None and isinstance(problem, torch.OutOfMemoryError)
        if not (on_card or isinstance(problem, MemoryError) or _ALLOCATOR in str(problem)):
            raise
        traceback.clear_frames(problem.__traceback__)  # their local variables hold memory
        where = "the graphics card" if on_card else "this computer"
    else:
        return
    gc.collect()
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()
    ways = "a shorter clip, a smaller network, fewer at a time"
    ways += ", or CUDA_VISIBLE_DEVICES= to use the CPU" if on_card else ""
    raise InputError(f"{where} has too little memory for this; needed: {ways}")
