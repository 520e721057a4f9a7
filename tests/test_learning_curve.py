"""Learning curve: the rows of completed steps stay on disk, even if the run is killed."""

from __future__ import annotations

import csv
from pathlib import Path

from fusionscope.training.learning_curve import LearningCurve


def steps(path: Path) -> list[int]:
    with path.open(encoding="utf-8", newline="") as file:
        return [int(row["step"]) for row in csv.DictReader(file)]


def add(curves: LearningCurve, *numbers: int) -> None:
    for step in numbers:
        curves.add(step, loss=1.0, right=0.5, rate=0.01)


def test_a_resumed_run_drops_the_rows_after_its_first_step(tmp_path: Path):
    path = tmp_path / "curve.csv"
    with LearningCurve(path, 0) as curves:
        add(curves, 1, 2, 3)
    with LearningCurve(path, 2) as curves:
        add(curves, 3, 4)
    assert steps(path) == [1, 2, 3, 4]
    with LearningCurve(path, 0) as curves:
        add(curves, 1)
    assert steps(path) == [1]


def test_reported_rows_are_on_disk_during_a_run(tmp_path: Path):
    """A run may be killed at any time: between its start and its first word, too."""
    path = tmp_path / "curve.csv"
    with LearningCurve(path, 0) as curves:
        add(curves, 1, 2)
    with LearningCurve(path, 2) as curves:
        assert steps(path) == [1, 2]
        add(curves, 3)
        curves.report(3, 4)
        assert steps(path) == [1, 2, 3]
    assert [entry.name for entry in tmp_path.iterdir()] == ["curve.csv"]


def test_a_quiet_process_writes_nothing(tmp_path: Path):
    with LearningCurve(tmp_path / "curve.csv", 0, quiet=True) as curves:
        add(curves, 1)
        curves.watched(1, 0.5)
        curves.report(1, 1)
    assert [*tmp_path.iterdir()] == []
