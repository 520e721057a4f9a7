"""Waiting processes: one makes something for longer than a collective operation may take.

``torchrun --nproc_per_node=2 -m tests.waiting_processes FOLDER`` writes what each process got.
"""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from pathlib import Path

import torch
from accelerate import Accelerator
from accelerate.utils import InitProcessGroupKwargs

from fusionscope.training.processes import made_by_one

LIMIT = 3.0  # seconds for a collective operation


def slowly(folder: Path) -> str:
    (folder / f"made-{time.monotonic_ns()}").touch()
    time.sleep(3 * LIMIT)
    return "made once"


if __name__ == "__main__":
    where = Path(sys.argv[1])
    limit = InitProcessGroupKwargs(timeout=timedelta(seconds=LIMIT))
    all_of_them = Accelerator(cpu=True, kwargs_handlers=[limit])
    found = made_by_one(all_of_them, "it", lambda: slowly(where))
    count = all_of_them.reduce(torch.ones(()), reduction="sum")
    (where / f"got-{all_of_them.process_index}").write_text(f"{found}, {int(count)}")  # pyright: ignore[reportArgumentType]
