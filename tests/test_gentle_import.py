"""Warm-up: work in the background waits for pauses between the pages of visitors."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from fusionscope_app.server.gentle_import import gentle_imports
from fusionscope_app.server.visits import Visits


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Three modules that nobody has imported."""
    names = [f"fresh_{tmp_path.name}_{n}".replace("-", "_") for n in range(3)]
    for name in names:
        (tmp_path / f"{name}.py").write_text("value = 1\n", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return names


def test_a_pause_is_waited_for_and_patience_ends():
    visits = Visits()
    began = time.monotonic()
    visits.wait_for_pause(0.2, 5)
    assert time.monotonic() - began >= 0.19
    with visits.page_run():
        assert visits.running == 1
        began = time.monotonic()
        visits.wait_for_pause(0.05, 0.3)
        assert 0.29 <= time.monotonic() - began < 3
    assert visits.running == 0


def test_a_page_that_ends_begins_a_new_pause():
    visits = Visits()
    ended = []

    def visit() -> None:
        with visits.page_run():
            time.sleep(0.2)
        ended.append(time.monotonic())

    thread = threading.Thread(target=visit)
    thread.start()
    time.sleep(0.05)
    visits.wait_for_pause(0.2, 10)
    thread.join()
    assert time.monotonic() - ended[0] >= 0.19


def test_imports_wait_while_a_page_runs(packages: list[str]):
    visits = Visits()
    reached = threading.Event()

    def work() -> None:
        with gentle_imports(visits):
            __import__(packages[0])
            reached.set()

    with visits.page_run():
        thread = threading.Thread(target=work)
        thread.start()
        assert not reached.wait(0.2)
        __import__(packages[1])  # another thread's import does not wait
    assert reached.wait(5)
    thread.join()


def test_an_import_does_not_wait_for_a_page_that_waits_for_it(packages: list[str]):
    visits = Visits()
    with visits.page_run(), gentle_imports(visits):
        began = time.monotonic()
        for name in packages:
            __import__(name)
        assert time.monotonic() - began < 2


def test_afterwards_python_is_as_it_was(packages: list[str]):
    before = sys.getswitchinterval(), gc.isenabled(), list(sys.meta_path)
    enabled = []

    def fail() -> None:
        with gentle_imports(Visits()):
            enabled.append(gc.isenabled())
            __import__(packages[0] + "_missing")

    with pytest.raises(ImportError):
        fail()
    assert enabled == [False]
    assert (sys.getswitchinterval(), gc.isenabled(), list(sys.meta_path)) == before
    gc.unfreeze()


@pytest.mark.slow
def test_torchs_library_is_loaded_while_other_threads_run():
    code = """
import sys, threading, time
gaps, ended = [], threading.Event()
def tick():
    last = time.perf_counter()
    while not ended.is_set():
        time.sleep(0.001)
        now = time.perf_counter()
        gaps.append(now - last)
        last = now
thread = threading.Thread(target=tick)
thread.start()
from fusionscope.base.torch_library import load_torch_library
began = time.perf_counter()
assert load_torch_library()
taken = time.perf_counter() - began
ended.set()
thread.join()
assert "torch" not in sys.modules
import torch
print(torch.ones(3).sum().item(), max(gaps) / taken)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    total, share = map(float, done.stdout.split())
    assert total == 3
    assert share < 0.6, "Python's lock was held throughout"
