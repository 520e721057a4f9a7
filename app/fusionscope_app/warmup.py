"""Warmup: what a server does before its first page and after it.

Before: import the modules of the first page and read its analysis from its file. After: import
torch and load the default network, in pauses between the runs of pages.
"""

from __future__ import annotations

import atexit
import threading
from importlib import import_module

import streamlit as st

from fusionscope.base.torch_library import load_torch_library
from fusionscope.video.reading.decoder_process import keep_one_ready
from fusionscope_app.server import garbage
from fusionscope_app.server.gentle_import import gentle_imports
from fusionscope_app.server.visits import VISITS
from fusionscope_app.state import clip_sources, clips, results

PAUSE = 2.0  # seconds without a page run: a second visitor, whose browser loads, is let through
_REST = 0.5  # seconds without a page run, before the next step
PATIENCE = 20.0  # seconds, after which it begins also on a busy server
_IMPORT = 20.0  # seconds, at most, that the end of the server waits for an import


def prepare_first_page() -> None:
    """Import the modules of the first page, and read its clip and its analysis."""
    for module in _MODULES:
        import_module(module)
    first = clip_sources.bundled()[0]
    for card in list(results.models().values())[:1]:
        results.kept_analysis_of(first, clips.shared_clip(first), card)


_MODULES = (
    "fusionscope_app.main",
    "fusionscope_app.export.share_run",
    "fusionscope_app.export.share_menu",
    "fusionscope_app.widgets.asked_class",
    "fusionscope_app.widgets.clip_chooser",
    "fusionscope_app.widgets.opening",
    "fusionscope_app.widgets.pinned_player",
)
"""The imports of the page that opens first (views/explore.py)."""


@st.cache_resource(show_spinner=False)
def warm() -> threading.Thread:
    """Start the background threads once for the server, at its first page.

    One waits for a pause, imports torch, analyses the first clip and starts a decoder; the other
    runs garbage collection regularly.
    """

    imported = threading.Event()
    imported.set()
    # A process that ends while a thread imports torch is aborted with a message of C++.
    atexit.register(imported.wait, _IMPORT)

    def work() -> None:
        VISITS.wait_for_pause(PAUSE, PATIENCE)
        imported.clear()
        try:
            load_torch_library()
            with gentle_imports(VISITS):
                card = next(iter(results.models().values()))
                results.network(card)
        finally:
            imported.set()
        VISITS.wait_for_pause(_REST, PATIENCE)
        results.analysis_of(clips.shared_clip(clip_sources.bundled()[0]), card)
        keep_one_ready()

    threading.Thread(
        target=garbage.keep_settled, args=(VISITS,), daemon=True, name="fusionscope-garbage"
    ).start()
    thread = threading.Thread(target=work, daemon=True, name="fusionscope-warm")
    thread.start()
    return thread
