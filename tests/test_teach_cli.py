"""The command ``teach``: the figures it prints, the network it writes, and what it refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.test_teach import moving
from tests.videos import write


def teach(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fusionscope_app.cli", "teach", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Three clips of each of two classes, and a broken one."""
    root = tmp_path_factory.mktemp("actions")
    for number, (label, step) in enumerate({"down": (3, 0), "right": (0, 3)}.items()):
        (root / label).mkdir()
        for k in range(3):
            frames = [*moving(10 * number + k, step).frames]
            write(root / label / f"anna{k}.mp4", frames, fps=25)
    (root / "down" / "broken.mp4").write_bytes(b"no video")
    return root


def test_it_prints_the_contract_and_writes_a_network(folder: Path, tmp_path: Path):
    done = teach(folder, "--model", "toybox-conv3d", "--out", tmp_path, "--name", "mine", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["classes"] == ["down", "right"]
    assert (said["clips"], said["n"], said["measured_on"]) == (6, 6, "left out")
    heads = ["appearance", "motion", "late", "fused"]
    assert list(said["accuracy"]) == list(said["interval"]) == heads
    for head in heads:
        low, high = said["interval"][head]
        assert 0 <= low <= said["accuracy"][head] <= high + 1e-9 <= 1 + 1e-9
    assert [point["clips"] for point in said["curve"]] == [1, 2]
    assert list(said["errors"]) == ["down/broken.mp4"]
    assert np.sum(said["confusion"]) == 6
    assert said["seconds"] > 0
    card = json.loads((tmp_path / "mine.json").read_text("utf-8"))
    assert (card["fusion"], card["place"], card["classifier"]) == ("conv", "relu5", "peak")
    assert card["accuracy"] == [["spatiotemporal", said["accuracy"]["fused"]]]
    assert (tmp_path / "mine.safetensors").is_file()


@pytest.mark.slow
def test_it_measures_on_other_clips_and_prints_for_people(folder: Path, tmp_path: Path):
    for label in ("down", "right"):
        (tmp_path / label).mkdir()
        step = (3, 0) if label == "down" else (0, 3)
        write(tmp_path / label / "other.mp4", [*moving(77, step).frames], fps=25)
    done = teach(folder, "--model", "toybox-conv3d", "--test", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "2 classes from 6 clips, on the towers of toybox-conv3d" in done.stdout
    assert "measured on 2 clips (other clips); chance 50.0 %" in done.stdout
    assert "too few clips to tell it from chance" in done.stdout
    assert "down/broken.mp4 is skipped" in done.stderr


@pytest.mark.slow
def test_what_it_cannot_teach_is_said_in_one_line(folder: Path, tmp_path: Path):
    one, empty = tmp_path / "one", tmp_path / "empty"
    for root in (one, empty):
        (root / "down").mkdir(parents=True)
        (root / "down/a.mp4").write_bytes((folder / "down/anna0.mp4").read_bytes())
    (empty / "nothing").mkdir()
    for root, words in (
        (one, "there is one class (down); needed: two classes or more, with a clip each"),
        (empty, "the class nothing has no video; needed: a clip or more"),
    ):
        done = teach(root, "--model", "toybox-conv3d", "--json")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.splitlines() == [f"fusionscope: {words}"]
