"""Results: do work in this process, in several, or on a cluster, by the caller's choice."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any

from fusionscope.base.records import InputError
from fusionscope.parallel.work import Work, here


def results(
    work: Work, units: Sequence[Any], jobs: int | None = None, ray: str = ""
) -> Iterator[tuple[int, Any]]:
    """Do the work on all units; yield each unit's index and result as soon as it is known.

    Args:
        jobs: number of processes; None: this process.
        ray: ``auto`` or the address of a Ray cluster, instead of ``jobs``.

    Raises:
        InputError: Ray or its cluster is missing, or workers end again and again.
    """
    if jobs is not None and jobs < 1:
        raise InputError(f"the number of jobs is {jobs}; needed: 1 or more")
    if ray:
        if jobs is not None:
            raise InputError("both a number of jobs and a Ray cluster are given; needed: one")
        from fusionscope.parallel.cluster import on_cluster

        yield from on_cluster(work, units, ray)
    elif jobs is None:
        yield from here(work, units)
    else:
        from fusionscope.parallel.processes import in_processes

        yield from in_processes(work, units, jobs)


def usable_cores() -> int:
    """Number of processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
