"""Serve: run the app in a browser."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from fusionscope.base.paths import set_home
from fusionscope_app.cli.shell import cli
from fusionscope_app.server import demo_mode


@cli.command("app", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def serve(
    context: typer.Context,
    for_strangers: Annotated[
        bool, typer.Option("--demo", help="For public servers: no upload, webcam or data folder.")
    ] = False,
) -> None:
    """Open the app in a browser. Other arguments are passed to ``streamlit run``."""
    # In this process, so that the server ends with it; and not as a module, because Python would
    # then import an ``app.py`` of the working folder. Here, so that --help is fast.
    set_home()  # Streamlit does not start without one
    with plotly_later():
        from streamlit.web.cli import main as streamlit

    # The web server ends in order, then sends itself the signal again: that is no failure.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit())  # noqa: ARG005
    if for_strangers:
        os.environ[demo_mode.VARIABLE] = "1"
    _prepare_first_page()
    streamlit(["run", str(script()), *context.args], prog_name="fusionscope app")


@contextmanager
def plotly_later() -> Iterator[None]:
    """Let Streamlit be imported without Plotly, which takes a third of the time.

    Streamlit sets Plotly's theme when it is imported, and does without if Plotly is missing.
    ``widgets/plot_colours.py``, which every plot needs, sets it.
    """
    if "plotly" in sys.modules:
        yield
        return
    sys.modules["plotly"] = None  # pyright: ignore[reportArgumentType]
    try:
        yield
    finally:
        del sys.modules["plotly"]


def _prepare_first_page() -> None:
    """Import the app and read its first analysis once the server answers.

    The browser takes half a second to load its own code; the page then finds its modules imported.
    """
    from streamlit.runtime import Runtime, RuntimeState

    def work() -> None:
        while not Runtime.exists() or Runtime.instance().state == RuntimeState.INITIAL:
            time.sleep(0.01)
        from fusionscope_app.warmup import prepare_first_page

        prepare_first_page()

    threading.Thread(target=work, daemon=True, name="fusionscope-first-page").start()


def script() -> Path:
    """Path of the script for ``streamlit run``, next to its settings.

    It has its own folder, because Streamlit adds that folder to Python's path: in the package's
    folder, every module would be importable under a top-level name.
    """
    package = Path(__file__).parents[1]
    repository = package.parent
    in_repository = repository.name == "app" and (repository / "main.py").is_file()
    return (repository if in_repository else package / "run") / "main.py"
