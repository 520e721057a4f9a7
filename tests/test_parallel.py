"""Parallel work: every unit is done, wherever its workers are and however many of them are lost."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from fusionscope.base.records import InputError
from fusionscope.parallel.results import results


@dataclass(frozen=True)
class Squares:
    """Squares numbers; a unit whose file is in ``fatal`` kills its worker the first time."""

    fatal: Path
    always: bool = False
    on_gpu: bool = False

    def feed(self, unit: int) -> int:
        mark = self.fatal / str(unit)
        if mark.exists():
            if not self.always:
                mark.unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        return unit * unit

    def answer(self, fed: int) -> int:
        return fed + 1


def test_one_process_does_the_units_in_order(tmp_path: Path):
    expected = [(n, n * n + 1) for n in range(7)]
    assert [*results(Squares(tmp_path), range(7))] == expected


@pytest.mark.slow
def test_the_units_of_a_lost_process_are_done_again(tmp_path: Path):
    (tmp_path / "3").touch()
    found = [*results(Squares(tmp_path), range(7), jobs=2)]
    assert sorted(found) == [(n, n * n + 1) for n in range(7)]


@pytest.mark.slow
def test_workers_do_not_import_a_script_that_streamlit_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    script = tmp_path / "page.py"
    script.write_text("raise SystemExit('a worker ran the app')")
    AppTest.from_string("import streamlit as st").run()
    main = sys.modules["__main__"]
    monkeypatch.setattr(main, "__file__", str(script))
    assert sorted(results(Squares(tmp_path), range(2), jobs=2)) == [(0, 1), (1, 2)]
    assert main.__file__ == str(script)


@pytest.mark.slow
def test_a_unit_that_kills_every_process_ends_the_work(tmp_path: Path):
    (tmp_path / "0").touch()
    with pytest.raises(InputError, match="worker processes ended 3 times without a result"):
        list(results(Squares(tmp_path, always=True), range(1), jobs=1))


def test_both_jobs_and_a_cluster_are_refused(tmp_path: Path):
    with pytest.raises(InputError, match="a number of jobs and a Ray cluster"):
        list(results(Squares(tmp_path), [1], jobs=2, ray="auto"))
