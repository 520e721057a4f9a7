"""Prepare: fill a store with all clips of a data set, on any number of processes or machines.

Clips are done in a random order, and one that is stored is not done again: so work that was killed
goes on where it was, and several machines can share a folder without knowing of each other.
"""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from fusionscope.base.paths import expanded
from fusionscope.base.records import InputError, Progress, no_progress
from fusionscope.data.datasets import open_splits
from fusionscope.data.prepared.estimate import Estimate, estimate
from fusionscope.data.prepared.preparing import Preparing
from fusionscope.data.prepared.published_flow import check_flow_folder
from fusionscope.data.prepared.store import PUBLISHED, create_store
from fusionscope.parallel.results import results, usable_cores
from fusionscope.video.flow.methods import FLOW_METHODS, missing_reason


@dataclass(frozen=True)
class Prepared:
    """What a store holds after all clips of the data set were tried."""

    clips: int
    frames: int
    bytes: int
    seconds: float
    problems: Mapping[str, str]  # id -> error message, for missing and unreadable clips


def prepare(
    data: str,
    root: Path,
    out: Path,
    flow: str = "dis",
    *,
    jobs: int | None = None,
    ray: str = "",
    estimated: Callable[[Estimate], None] = lambda _: None,
    progress: Progress = no_progress,
) -> Prepared:
    """Prepare all clips of a data set; those that are in the folder already are not done again.

    Args:
        data: one of ``datasets.READERS``.
        root: the data set's folder.
        out: the store's folder.
        flow: a flow method, or a folder of published flow.
        jobs: number of processes; 1: only this one; None: one for each core.
        ray: ``auto`` or the address of a Ray cluster whose machines see the same folders.
        estimated: called with the estimate before the first clip is done.
        progress: called as ``progress("prepare", done)``, ``done`` in 0..1.

    Raises:
        InputError: the data set or the flow method does not exist, the folder holds other clips, or
            the disk has less room than is needed.
    """
    begin = time.monotonic()
    folder = None if flow in FLOW_METHODS else expanded(flow).absolute()
    if folder:
        check_flow_folder(folder)
    elif missing := missing_reason(flow):
        raise InputError(missing)
    root, out = expanded(root).absolute(), expanded(out).absolute()
    sets = open_splits(data, root)
    store = create_store(out, root, PUBLISHED if folder else flow, sets)
    work = Preparing(store, folder)
    listed = {item.id: item for one in sets for item in one.items}
    problems = {name: told for one in sets for name, told in one.problems.items()}
    found = {name: header for name, item in listed.items() if (header := store.header_of(item))}
    frames = sum(header.frames for header in found.values())
    stored = sum(store.path_of(name).stat().st_size for name in found)
    todo = [item for name, item in listed.items() if name not in found]
    clips = len(found)
    if todo:
        jobs = None if ray else min(jobs or usable_cores(), len(todo))
        expected = estimate(work, todo, jobs)
        estimated(expected)
        free = shutil.disk_usage(out).free
        if expected.bytes > free:
            raise InputError(
                f"the disk of {out} has {free / 1e9:.1f} GB free; needed: about "
                f"{expected.bytes / 1e9:.1f} GB"
            )
    random.Random().shuffle(todo)
    for done, (_, one) in enumerate(results(work, todo, None if jobs == 1 else jobs, ray), start=1):
        if one.problem:
            problems[one.id] = one.problem
        else:
            clips, frames, stored = clips + 1, frames + one.frames, stored + one.bytes
        progress("prepare", done / len(todo))
    return Prepared(clips, frames, stored, time.monotonic() - begin, problems)
