"""Serving: the command opens the app wherever it is called."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.serve import ROOT, comes_up, free_port, open_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_files_where_it_is_called_are_not_taken_for_its_own(tmp_path: Path, browser: Browser):
    for name in ("app.py", "core.py", "checkpoints.py"):  # as many a folder holds
        (tmp_path / name).write_text("raise RuntimeError('taken for another')\n")
    port = free_port()
    command = [sys.executable, "-P", "-m", "app.cli", "app"]  # -P: as the installed command is run
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
