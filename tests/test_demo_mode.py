"""Demo mode: visitors can open the bundled clips and no others."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from fusionscope.base import paths
from fusionscope.base.records import InputError
from fusionscope_app import warmup
from fusionscope_app.server import demo_mode
from fusionscope_app.state import clip_sources
from tests.serve import ROOT, answers, comes_up, free_port
from tests.test_views import MAIN, words
from tests.videos import numbered


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AppTest:
    """The app in demo mode, on a machine with a data folder."""
    monkeypatch.setattr(warmup, "warm", lambda: None)
    monkeypatch.setenv("FUSIONSCOPE_DATA", str(tmp_path))
    monkeypatch.setenv(demo_mode.VARIABLE, "1")
    numbered(tmp_path / "private.mp4")
    return AppTest.from_file(MAIN, default_timeout=60)


def test_demo_mode_shows_a_notice_instead_of_upload_webcam_and_folder(page: AppTest):
    page.run()
    assert not page.exception
    assert not page.error
    assert demo_mode.CLOSED in words(page)
    assert not page.get("file_uploader")
    assert not [one for one in page.selectbox if one.key == "folder_clip"]


def test_demo_mode_does_not_open_a_clip_of_the_data_folder_by_its_address(page: AppTest):
    page.query_params["clip"] = "data:private.mp4"
    page.run()
    assert [one.value for one in page.error] == [demo_mode.CLOSED]
    assert clip_sources.data_clips(paths.data_folder()) == []


@pytest.mark.usefixtures("page")
def test_without_demo_mode_the_same_address_opens_the_clip(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(demo_mode.VARIABLE, "0")
    folder = paths.data_folder()
    assert clip_sources.data_clips(folder) == ["data:private.mp4"]
    assert len(clip_sources.open_clip("data:private.mp4", folder).frames) == 12
    monkeypatch.setenv(demo_mode.VARIABLE, "1")
    with pytest.raises(InputError, match="demonstration"):
        clip_sources.open_clip("data:private.mp4", folder)


@pytest.mark.parametrize("name", ["errors", "models"])
def test_other_pages_accept_no_files_and_reveal_nothing_about_the_server(page: AppTest, name: str):
    page.run()
    page.switch_page(str(Path(MAIN).parent / f"fusionscope_app/views/{name}.py"))
    page.run()
    assert not page.exception
    assert not page.get("file_uploader")
    assert not [one for one in page.button if one.key == "models_doctor"]


@pytest.mark.slow
def test_a_container_serves_the_demo_to_other_machines():
    """Run its command here: it answers on an address where the app alone does not listen."""
    lines = (ROOT / "Containerfile").read_text("utf-8").splitlines()
    told = dict(line.split(maxsplit=1) for line in lines if line.startswith(("ENTRY", "CMD")))
    first, *words = json.loads(told["ENTRYPOINT"]) + json.loads(told["CMD"])
    assert first == "fusionscope"
    port = free_port()
    command = [sys.executable, "-m", "fusionscope_app.cli", *words, f"--server.port={port}"]
    with subprocess.Popen(command, cwd=ROOT, start_new_session=True) as server:
        try:
            assert comes_up(server, f"http://127.0.0.2:{port}")
            server.terminate()  # as `podman stop` does: only the first process gets the signal
            assert server.wait(20) == 0
            assert not answers(f"http://127.0.0.2:{port}/_stcore/health")
        finally:
            with suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGKILL)
