"""Serve: the app in a browser."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import typer

from app.cli.shell import cli


@cli.command("app", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def serve(context: typer.Context) -> int:
    """Open the app in a browser. What follows is passed on to ``streamlit run``."""
    script = Path(__file__).parents[1] / "main.py"
    command = [sys.executable, "-m", "streamlit", "run", str(script), *context.args]
    try:
        return subprocess.run(command, check=False).returncode
    except KeyboardInterrupt:
        return 0
