"""Serve: the app in a browser."""

from __future__ import annotations

import os
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
) -> None:
    """Open the app in a browser. What follows is passed on to ``streamlit run``.

    In this process: who ends it ends the server, and an ``app.py`` where it is called is not taken
    for this project's, as it would be by ``python -m streamlit``.
    """
    from streamlit.web.cli import main as streamlit  # here: --help answers without it

    if for_strangers:
        os.environ[demo.VARIABLE] = "1"
    script = Path(__file__).parents[1] / "main.py"
    streamlit(["run", str(script), *context.args], prog_name="fusionscope app")
