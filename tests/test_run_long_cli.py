"""``fusionscope run --long`` in a shell: its contract, its files, and Ctrl-C."""

import csv
import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_cli import fusionscope
from tests.videos import numbered


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    """22 s at 10 frames/s: longer than a clip."""
    return numbered(tmp_path_factory.mktemp("long") / "film.mp4", 220)


@pytest.mark.slow
def test_it_prints_one_json_object_that_keeps_the_contract(film, tmp_path):
    out = tmp_path / "film.csv"
    words = ("run", film, "--model", "toybox-conv3d", "--long", "--step", "4", "--json")
    done = fusionscope(*words, "--out", out)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert list(said) == ["model", "notes", "windows", "seconds"]
    assert said["model"] == "toybox-conv3d"
    assert [one["start"] for one in said["windows"]] == [0, 4, 8, 12, 16, 20]
    for one in said["windows"]:
        assert list(one) == ["start", "end", "heads", "final"]
        assert one["start"] < one["end"] <= 22
        assert list(one["heads"]) == ["spatiotemporal", "temporal"]
        for rows in (*one["heads"].values(), one["final"]):
            shares = [row["p"] for row in rows]
            assert len(shares) == 5
            assert shares == sorted(shares, reverse=True)
    rows = list(csv.DictReader(out.read_text("utf-8").splitlines()))
    assert [row["average"] for row in rows] == [one["final"][0]["label"] for one in said["windows"]]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--long", "--out", "film.srt"), "film.srt has no ending"),
        (("--out", "film.csv"), "it needs --long"),
        (("--long", "--step", "0"), "between 0.1 s and 3600 s"),
    ],
)
@pytest.mark.slow
def test_bad_options_are_one_line_and_status_2(film, words, says):
    done = fusionscope("run", film, "--model", "toybox-temporal", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.slow
def test_ctrl_c_keeps_the_windows_that_are_done(tmp_path):
    film, out = numbered(tmp_path / "film.mp4", 6000), tmp_path / "film.vtt"
    terminal, theirs = pty.openpty()  # progress is printed where somebody reads it
    command = [sys.executable, "-m", "fusionscope_app.cli", "run", str(film), "--long"]
    command += ["--model", "toybox-temporal", "--out", str(out)]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell may ignore it
    ) as process:
        os.close(theirs)
        while "left" not in os.read(terminal, 1000).decode():
            pass
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=120)
    os.close(terminal)
    assert process.returncode == 130
    assert "film.mp4: " in said
    count = int(said.partition(" windows")[0].rpartition(" ")[2])
    assert 0 < count < 598
    assert out.read_text("utf-8").startswith("WEBVTT\n\n00:00:00.000 --> ")
