"""Serve: the app in a browser."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from app import demo
from app.cli.shell import cli


@cli.command("app", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def serve(
    context: typer.Context,
    for_strangers: Annotated[
        bool, typer.Option("--demo", help="No upload, webcam or data folder: for strangers.")
    ] = False,
) -> int:
    """Open the app in a browser. What follows is passed on to ``streamlit run``."""
    if for_strangers:
        os.environ[demo.VARIABLE] = "1"
    script = Path(__file__).parents[1] / "main.py"
    command = [sys.executable, "-m", "streamlit", "run", str(script), *context.args]
    try:
        return subprocess.run(command, check=False).returncode
    except KeyboardInterrupt:
        return 0
