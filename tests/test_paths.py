"""Paths: folders of a user who has no home."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import platformdirs
import pytest

from fusionscope.base import paths
from fusionscope.base.records import InputError
from fusionscope.video.flow import raft
from tests.serve import ROOT

CLI = "fusionscope_app.cli"


@pytest.fixture
def homeless(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """No HOME and no entry for the user."""

    def refuse(user: int) -> None:
        raise KeyError(user)

    for name in ("HOME", "XDG_CACHE_HOME", "FUSIONSCOPE_CACHE", "FUSIONSCOPE_MODELS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", refuse)
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    paths._temporary_cache.cache_clear()
    yield tmp_path
    paths._temporary_cache.cache_clear()


def test_without_a_home_the_cache_is_a_private_folder_among_temporary_files(homeless: Path):
    for folder in (paths.cache_folder(), paths.models_folder(), paths.data_folder()):
        assert folder.is_relative_to(homeless / f"fusionscope-{os.getuid()}")
    assert paths.cache_folder().stat().st_mode & 0o077 == 0
    assert raft.folders()


def test_a_server_without_a_home_uses_the_private_folder(homeless: Path, monkeypatch):
    monkeypatch.setenv("HOME", "/home/of mine")
    paths.set_home()
    assert os.environ["HOME"] == "/home/of mine"
    monkeypatch.delenv("HOME")
    paths.set_home()
    assert Path.home() == homeless / f"fusionscope-{os.getuid()}"


def test_releases_that_return_a_relative_folder_are_no_danger(homeless: Path, monkeypatch):
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda name: Path("~/.cache") / name)
    assert paths.cache_folder().is_relative_to(homeless)


def test_a_folder_of_another_user_is_not_used(homeless: Path):
    (homeless / "elsewhere").mkdir()
    (homeless / f"fusionscope-{os.getuid()}").symlink_to(homeless / "elsewhere")
    found = paths.cache_folder()
    assert found.name != f"fusionscope-{os.getuid()}"
    assert found.stat().st_mode & 0o077 == 0
    shutil.rmtree(found)


@pytest.mark.usefixtures("homeless")
def test_a_home_that_is_named_but_missing_is_an_error_in_one_sentence(monkeypatch):
    monkeypatch.setenv("FUSIONSCOPE_MODELS", "~/mine")
    with pytest.raises(InputError, match=r"^~/mine starts with ~, but this user has no home"):
        paths.models_folder()


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("unshare"), reason="needs unshare")
@pytest.mark.parametrize("command", ["models", "doctor"])
def test_commands_run_without_a_home(command: str):
    env = {name: value for name, value in os.environ.items() if name not in ("HOME", "COVERAGE")}
    env.pop("FUSIONSCOPE_MODELS", None)
    done = subprocess.run(
        [*["unshare", "--user", "--map-user=54321"], sys.executable, "-m", CLI, command],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    if "unshare" in done.stderr:
        pytest.skip(done.stderr)
    assert "Traceback" not in done.stderr
    assert "toybox-conv3d" in done.stdout or "networks" in done.stdout
