"""Curves: the rows of steps that count stay on disk, whatever becomes of the run."""

from __future__ import annotations

import csv
from pathlib import Path

from core.study.curves import Curves


def steps(path: Path) -> list[int]:
    with path.open(encoding="utf-8", newline="") as file:
        return [int(row["step"]) for row in csv.DictReader(file)]


def add(curves: Curves, *numbers: int) -> None:
    for step in numbers:
        curves.add(step, loss=1.0, right=0.5, rate=0.01)


def test_a_run_that_goes_on_drops_the_rows_behind_the_step_it_begins_at(tmp_path: Path):
    path = tmp_path / "curve.csv"
    with Curves(path, 0) as curves:
        add(curves, 1, 2, 3)
    with Curves(path, 2) as curves:
        add(curves, 3, 4)
    assert steps(path) == [1, 2, 3, 4]
    with Curves(path, 0) as curves:
        add(curves, 1)
    assert steps(path) == [1]


def test_what_was_noted_before_is_on_disk_while_a_run_goes_on(tmp_path: Path):
    """A run may be killed at any time: between its start and its first word, too."""
    path = tmp_path / "curve.csv"
    with Curves(path, 0) as curves:
        add(curves, 1, 2)
    with Curves(path, 2) as curves:
        assert steps(path) == [1, 2]
        add(curves, 3)
        curves.told(3, 4)
        assert steps(path) == [1, 2, 3]
    assert [entry.name for entry in tmp_path.iterdir()] == ["curve.csv"]


def test_a_quiet_process_writes_nothing(tmp_path: Path):
    with Curves(tmp_path / "curve.csv", 0, quiet=True) as curves:
        add(curves, 1)
        curves.watched(1, 0.5)
        curves.told(1, 1)
    assert [*tmp_path.iterdir()] == []
