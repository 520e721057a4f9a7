"""Serving: the command opens the app wherever it is called."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.serve import ROOT, comes_up, free_port, open_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_files_where_it_is_called_are_not_taken_for_its_own(tmp_path: Path, browser: Browser):
    for name in ("app.py", "core.py", "checkpoints.py", "fusionscope_app.py"):  # as folders hold
        (tmp_path / name).write_text("raise RuntimeError('taken for another')\n")
    port = free_port()
    # -P: as the installed command is run
    command = [sys.executable, "-P", "-m", "fusionscope_app.cli", "app"]
    options = ["--server.headless=true", f"--server.port={port}"]
    with subprocess.Popen(
        [*command, *options], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}
    ) as server:
        try:
            assert comes_up(server, f"http://127.0.0.1:{port}")
            with open_page(f"http://127.0.0.1:{port}", browser=browser) as page:
                page.wait_for_selector(".fs-player[data-ready]", state="attached")
        finally:
            server.terminate()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems open a browser otherwise")
@pytest.mark.parametrize("headless", [False, True])
def test_the_command_opens_a_browser_unless_it_is_headless(tmp_path: Path, headless: bool):
    opened = tmp_path / "opened"
    opener = tmp_path / "xdg-open"
    opener.write_text(f'#!/bin/sh\necho "$1" > {opened}.part && mv {opened}.part {opened}\n')
    opener.chmod(0o755)
    port = free_port()
    options = [f"--server.headless={str(headless).lower()}", f"--server.port={port}"]
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "fusionscope_app.cli", "app", *options],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PATH": f"{tmp_path}:{os.environ['PATH']}"},
    ) as server:
        try:
            assert comes_up(server, f"http://127.0.0.1:{port}")
            while not headless and not opened.exists():
                time.sleep(0.05)
        finally:
            server.terminate()
    assert opened.exists() != headless
    assert headless or opened.read_text().strip() == f"http://127.0.0.1:{port}"
