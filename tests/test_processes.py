"""Processes: one prepares for as long as it takes, and the others get what it made."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from accelerate import Accelerator

from fusionscope.base.records import InputError
from fusionscope.training.processes import joined_processes, made_by_one

ROOT = Path(__file__).parents[1]


def test_one_process_makes_what_it_needs_itself():
    assert made_by_one(Accelerator(cpu=True), "it", lambda: 7) == 7


@pytest.mark.slow
def test_others_wait_longer_than_a_collective_operation_may_take(tmp_path: Path):
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2"]
    own = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [*launch, "-m", "tests.waiting_processes", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, env=own, check=True)
    assert [path.read_text() for path in sorted(tmp_path.glob("got-*"))] == ["made once, 2"] * 2
    assert len([*tmp_path.glob("made-*")]) == 1


def test_processes_that_do_not_join_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WORLD_SIZE", "2")  # without torchrun's other variables
    with pytest.raises(InputError, match="2 processes were started, and 1 of them joined"):
        joined_processes()


def test_a_precision_that_needs_a_gpu_is_refused_without_one(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(InputError, match="precision 'fp16' cannot be used here: "):
        joined_processes("fp16")
