"""Processes: do work in several processes of this machine; replace those that are lost."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import wait
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fusionscope.base.records import InputError
from fusionscope.parallel.work import Work

_LOSSES = 3  # pools that may be lost one after another without a result between them


def in_processes(work: Work, units: Sequence[Any], jobs: int) -> Iterator[tuple[int, Any]]:
    """Do the work in ``jobs`` processes; yield each unit's index and result as it is known.

    If a process is lost, its units are done again by a new one.

    Raises:
        InputError: processes were lost several times in a row without a result.
    """
    with TemporaryDirectory(prefix="fusionscope-") as folder:
        stored = Path(folder) / "work"  # a pipe to each worker would hold shared memory of torch's
        stored.write_bytes(pickle.dumps(work))
        yield from _done(stored, dict(enumerate(units)), jobs)


def _done(stored: Path, todo: dict[int, Any], jobs: int) -> Iterator[tuple[int, Any]]:
    losses = 0
    while todo:
        pool = ProcessPoolExecutor(
            min(jobs, len(todo)),
            multiprocessing.get_context("spawn"),  # a fork would copy threads and CUDA's state
            initializer=_begin,
            initargs=(stored,),
        )
        try:
            with _streamlit_script_hidden():
                numbers = {pool.submit(_do, unit): number for number, unit in todo.items()}
            for done in as_completed(numbers):
                result = done.result()
                del todo[numbers[done]]
                losses = 0
                yield numbers.pop(done), result
        except BrokenProcessPool as problem:
            losses += 1
            if losses >= _LOSSES:
                raise InputError(
                    f"worker processes ended {losses} times without a result, as they do when "
                    f"memory runs out; needed: fewer jobs than {jobs}, or more memory"
                ) from problem
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _streamlit_script_hidden() -> Iterator[None]:
    """Keep workers that start here from importing a script that Streamlit runs.

    It stands in for the main module, which each worker imports: that would run the app again.
    """
    main = sys.modules["__main__"]
    if getattr(main, "__loader__", None) or "__file__" not in vars(main):
        yield  # a real main module, which may define what the work needs
        return
    path = vars(main).pop("__file__")
    try:
        yield
    finally:
        vars(main)["__file__"] = path


_WORK: list[Work] = []  # the work of this worker process


def _begin(stored: Path) -> None:
    """Prepare a worker: keep its work, and end when the parent ends, however that happens."""
    _WORK[:] = [pickle.loads(stored.read_bytes())]
    parent = multiprocessing.parent_process()
    if parent is None:
        raise ValueError("expected to run in a process of multiprocessing, got the main process")
    threading.Thread(target=_end_after, args=(parent.sentinel,), daemon=True).start()


def _end_after(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _do(unit: Any) -> Any:
    (work,) = _WORK
    return work.answer(work.feed(unit))
