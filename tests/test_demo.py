"""Demo: strangers get the bundled clips, and no way to bring in or read others."""

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

from app import demo, session
from core.records import InputError
from tests.serve import ROOT, answers, comes_up, free_port
from tests.test_views import MAIN, words
from tests.videos import numbered


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AppTest:
    """The app for strangers, on a machine with a data folder."""
    monkeypatch.setattr(session, "warm", lambda: None)
    monkeypatch.setenv("FUSIONSCOPE_DATA", str(tmp_path))
    monkeypatch.setenv(demo.VARIABLE, "1")
    numbered(tmp_path / "private.mp4")
    return AppTest.from_file(MAIN, default_timeout=60)


def test_a_demonstration_says_so_in_place_of_upload_webcam_and_folder(page: AppTest):
    page.run()
    assert not page.exception
    assert not page.error
    assert demo.CLOSED in words(page)
    assert not page.get("file_uploader")
    assert not [one for one in page.selectbox if one.key == "folder_clip"]


def test_a_demonstration_reads_no_clip_of_the_data_folder_that_an_address_names(page: AppTest):
    page.query_params["clip"] = "data:private.mp4"
    page.run()
    assert [one.value for one in page.error] == [demo.CLOSED]
    assert session.sources.data_clips(session.sources.data_folder()) == []


@pytest.mark.usefixtures("page")
def test_without_it_the_same_address_is_read(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(demo.VARIABLE, "0")
    folder = session.sources.data_folder()
    assert session.sources.data_clips(folder) == ["data:private.mp4"]
    assert len(session.sources.open_clip("data:private.mp4", folder).frames) == 12
    monkeypatch.setenv(demo.VARIABLE, "1")
    with pytest.raises(InputError, match="demonstration"):
        session.sources.open_clip("data:private.mp4", folder)


@pytest.mark.parametrize("name", ["errors", "models"])
def test_other_pages_take_nothing_in_and_tell_nothing_of_the_server(page: AppTest, name: str):
    page.run()
    page.switch_page(str(Path(MAIN).parent / f"views/{name}.py"))
    page.run()
    assert not page.exception
    assert not page.get("file_uploader")
    assert not [one for one in page.button if one.key == "models_doctor"]


@pytest.mark.slow
def test_a_container_serves_strangers_from_outside():
    """Its command, run here: it answers under an address where the app itself does not listen."""
    lines = (ROOT / "Containerfile").read_text("utf-8").splitlines()
    told = dict(line.split(maxsplit=1) for line in lines if line.startswith(("ENTRY", "CMD")))
    first, *words = json.loads(told["ENTRYPOINT"]) + json.loads(told["CMD"])
    assert first == "fusionscope"
    port = free_port()
    command = [sys.executable, "-m", "app.cli", *words, f"--server.port={port}"]
    with subprocess.Popen(command, cwd=ROOT, start_new_session=True) as server:
        try:
            assert comes_up(server, f"http://127.0.0.2:{port}")
            server.terminate()  # as `podman stop` does: the first process alone is told
            assert server.wait(20) == 0
            assert not answers(f"http://127.0.0.2:{port}/_stcore/health")
        finally:
            with suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGKILL)
