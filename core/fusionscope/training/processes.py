"""Processes: one training in several processes that ``torchrun`` starts, on GPUs or CPUs."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

import torch
from accelerate import Accelerator

from fusionscope.base.records import InputError
from fusionscope.training.recipe import Recipe

Made = TypeVar("Made")

_UNLIMITED = timedelta(days=365)


def processes() -> int:
    """Number of processes that torchrun started for this training; 1 without torchrun."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def joined_processes(precision: str = "no") -> Accelerator:
    """Join all processes of this training, on GPUs where there are some, else on CPUs.

    Raises:
        InputError: they cannot be joined, or this machine cannot compute in this precision.
    """
    try:
        found = Accelerator(mixed_precision=precision, cpu=not torch.cuda.is_available())
    except ValueError as problem:
        first = next(iter(str(problem).splitlines()), "")
        raise InputError(f"precision {precision!r} cannot be used here: {first}") from problem
    if found.num_processes != processes():
        raise InputError(
            f"{processes()} processes were started, and {found.num_processes} of them joined; "
            "needed: one training in all of them"
        )
    return found


def check_shares(plan: Recipe) -> None:
    """Check that the processes can share this recipe's work.

    Raises:
        InputError: they cannot divide a batch, or the recipe has no training steps.
    """
    count = processes()
    if count == 1:
        return
    if plan.card.weights or not plan.epochs:
        raise InputError(
            f"{plan.name} has no training steps that {count} processes could share; start it "
            "without torchrun"
        )
    if plan.batch % (count * plan.accumulate):
        parts = f" in {plan.accumulate} parts" if plan.accumulate > 1 else ""
        raise InputError(
            f"{count} processes cannot share a batch of {plan.batch} clips{parts}; needed: a "
            f"multiple of {count * plan.accumulate}"
        )


def made_by_one(accelerator: Accelerator, name: str, make: Callable[[], Made]) -> Made:
    """Make something once per machine, and give it to all its processes.

    The others wait at the processes' key-value store, not in a collective operation, which would
    fail after some minutes.

    Args:
        name: of what is made; unique among all that these processes make.
    """
    if accelerator.num_processes == 1:
        return make()
    store = _store()
    key = f"{name}-{os.environ.get('GROUP_RANK', '0')}"
    if not accelerator.is_local_main_process:
        return pickle.loads(store.get(key))
    found = make()
    store.set(key, pickle.dumps(found))
    return found


def _store() -> Any:
    """The key-value store of torchrun, without a limit on waiting."""
    import torch.distributed

    where = os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"])
    attempt = f"fusionscope-{os.environ.get('TORCHELASTIC_RESTART_COUNT', '0')}"
    of: Any = torch.distributed  # its stores are written in C++ and have no types
    return of.PrefixStore(attempt, of.TCPStore(*where, is_master=False, timeout=_UNLIMITED))
