"""Wheel: what a regular install puts into site-packages."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.serve import ROOT

IGNORED = {".venv", "__pycache__"}


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The paths in a wheel of this checkout."""
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as opened:
        return set(opened.namelist())


def files(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and not IGNORED & set(path.parts)
    }


@pytest.mark.slow
def test_the_wheel_holds_both_packages_and_nothing_beside_them(names: set[str]):
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {
        "fusionscope",
        "fusionscope_app",
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("folder", "inside"),
    [
        ("core/fusionscope", "fusionscope"),
        ("app/fusionscope_app", "fusionscope_app"),
        ("checkpoints", "fusionscope/checkpoints"),
        ("app/.streamlit", "fusionscope_app/run/.streamlit"),
    ],
)
def test_the_wheel_holds_every_file_of_a_folder(names: set[str], folder: str, inside: str):
    there = files(ROOT / folder)
    assert there
    assert {f"{inside}/{name}" for name in there} - names == set()


@pytest.mark.slow
def test_the_wheel_holds_the_script_that_streamlit_runs(names: set[str]):
    assert "fusionscope_app/run/main.py" in names
    assert any(name.endswith("dist-info/entry_points.txt") for name in names)
