"""Memory: what holding a trace takes of this process, against the bytes of its arrays."""

from __future__ import annotations

import ctypes
import gc
import os
from contextlib import suppress
from pathlib import Path

from core.bench.pair import Pair
from core.bench.subject import Subject
from core.records import size_in_bytes
from core.trace import Trace, run

_HELD = 64 << 20  # bytes of traces that are held at once, about, so that their memory stands out


def trace_memory(on: Subject, repeats: int) -> list[Pair]:
    """What holding traces adds to this process, against the sum of their arrays.

    Where the system does not tell what a process holds, there is no pair.
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
    what = f"{on.name}: {count} traces held, against the bytes of their arrays"
    return [Pair(what, tuple(held), tuple(arrays), 0.0)]


def own_bytes(trace: Trace) -> int:
    """Bytes of what a run made; its clip and flow were there before."""
    made = [trace.snippets, trace.spatial, trace.temporal, trace.fused, trace.logits]
    return size_in_bytes(made)


def resident() -> int | None:
    """Bytes that this process holds once all that is free is given back; None: not told here."""
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except OSError:
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")
