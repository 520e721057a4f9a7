"""Output of the commands: terminals that cannot print a name, no work lost."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fusionscope.base.records import InputError
from fusionscope.evaluation.predictions_file import read_predictions
from fusionscope.nets.store.loading import save_network
from fusionscope_app.cli.shell import cli
from tests.conftest import TINY, network_of
from tests.videos import numbered

NAME = "日本語é"
CARD = dataclasses.replace(TINY, name="named", title=f"Net {NAME}", labels=(NAME, "two"))
ESCAPED = NAME.encode("cp1252", "backslashreplace").decode("cp1252")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network and a data set whose class and clips have names that cp1252 lacks."""
    folder = tmp_path_factory.mktemp("output")
    (folder / "models").mkdir()
    save_network(network_of(CARD), CARD, folder / "models")
    for name in (f"data/{NAME}/{NAME}.mp4", "data/two/a.mp4"):
        (folder / name).parent.mkdir(parents=True)
        numbered(folder / name, 12)
    (folder / f"data/two/{NAME}.mp4").write_bytes(b"no video")
    return folder


def fusionscope(folder: Path, *words: object) -> subprocess.CompletedProcess[bytes]:
    env = {"PYTHONIOENCODING": "cp1252", "FUSIONSCOPE_MODELS": str(folder / "models")}
    return subprocess.run(
        [sys.executable, "-m", "fusionscope_app.cli", *map(str, words)],
        env={**os.environ, **env},
        capture_output=True,
        timeout=200,
        check=False,
    )


def told(done: subprocess.CompletedProcess[bytes]) -> str:
    assert b"Traceback" not in done.stderr, done.stderr.decode("cp1252")
    return done.stdout.decode("cp1252")


@pytest.mark.slow
def test_evaluate_prints_names_that_the_terminal_lacks_as_escapes(folder: Path):
    out = folder / "found.csv"
    words = ("evaluate", "--model", "named", "--data", "folder", "--root", folder / "data")
    done = fusionscope(folder, *words, "--out", out)
    assert done.returncode == 0
    assert f"{ESCAPED} " in told(done)
    assert f"two/{ESCAPED}.mp4 is skipped: {ESCAPED}.mp4" in done.stderr.decode("cp1252")
    assert read_predictions(out).classes == (NAME, "two")


@pytest.mark.slow
def test_every_other_command_does_too(folder: Path):
    clip = folder / f"data/{NAME}/{NAME}.mp4"
    assert f"{ESCAPED}.mp4: 12 frames" in told(fusionscope(folder, "run", clip, "--model", "named"))
    found = json.loads(told(fusionscope(folder, "models", "--json")))
    assert NAME in str(found)
    done = fusionscope(folder, "models", "--check", "named")
    assert done.returncode == 0
    done = fusionscope(folder, "run", folder / f"no {NAME}.mp4", "--model", "named")
    assert done.returncode == 2
    assert f"no {ESCAPED}.mp4 not found" in done.stderr.decode("cp1252")
    assert told(done) == ""


def test_a_file_that_cannot_be_written_is_an_error_before_the_work(folder: Path):
    where = ["--model", "no such network", "--data", "folder", "--root", str(folder / "data")]
    for out, says in (
        (folder / "nowhere/found.csv", r"found\.csv cannot be written \(No such file"),
        (folder / "folder.csv", r"folder\.csv is a folder; needed: the name of a file"),
    ):
        (folder / "folder.csv").mkdir(exist_ok=True)
        for more in ([], ["--attributions", "grad-cam", "--data", "toybox"]):
            with pytest.raises(InputError, match=says):
                cli(["evaluate", *where, "--out", str(out), *more], standalone_mode=False)
    assert not list(folder.glob("*.partial"))
