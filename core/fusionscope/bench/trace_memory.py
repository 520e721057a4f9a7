"""Trace memory: process memory used by traces, compared with the bytes of their arrays."""

from __future__ import annotations

import ctypes
import gc
import os
from contextlib import suppress
from pathlib import Path

from fusionscope.base.records import size_in_bytes
from fusionscope.bench.subject import Subject
from fusionscope.bench.timed_pair import TimedPair
from fusionscope.trace import Trace, run

_HELD = 64 << 20  # bytes of traces kept at once, roughly, so that their memory is measurable


def trace_memory(on: Subject, repeats: int) -> list[TimedPair]:
    """Measure the process memory added by traces, compared with the bytes of their arrays.

    There is no pair if the system does not report the memory of a process.
    """
    if resident() is None:
        return []
    once = own_bytes(run(on.network, on.clip, on.flow))
    count = max(2, min(32, _HELD // once))
    held, arrays = [], []
    for _ in range(repeats):
        before = resident() or 0
        kept = [run(on.network, on.clip, on.flow) for _ in range(count)]
        held.append(float((resident() or 0) - before))
        arrays.append(float(sum(map(own_bytes, kept))))
        del kept
    what = f"{on.name}: {count} traces in memory, vs the bytes of their arrays"
    return [TimedPair(what, tuple(held), tuple(arrays), 0.0)]


def own_bytes(trace: Trace) -> int:
    """Bytes of the arrays created by a run, without its clip and flow."""
    made = [trace.snippets, trace.spatial, trace.temporal, trace.fused, trace.logits]
    return size_in_bytes(made)


def resident() -> int | None:
    """Resident bytes of this process after freeing unused memory; None: unknown on this system."""
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except OSError:
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")
