"""Imports: what takes long to import waits until somebody needs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.slow import all_slow

MAIN = Path(__file__).parents[1] / "app/main.py"
HEAVY = {
    *("accelerate", "captum", "h5py", "matplotlib", "pandas", "pyarrow", "scipy", "sklearn"),
    *("av", "plotly", "safetensors.torch", "timm", "torch", "torchvision"),
}
FIRST_PAGE = f"""
from fusionscope_app.cli.serve import plotly_later
with plotly_later():  # as ``fusionscope app`` does
    import streamlit.web.cli
from fusionscope_app import warmup
warmup.PAUSE = warmup.PATIENCE = 600
from streamlit.testing.v1 import AppTest
page = AppTest.from_file({str(MAIN)!r}, default_timeout=120).run()
assert not page.exception, page.exception
assert any("clip" in text.value for text in page.caption), "no answer on the page"
"""
LOADED = """
from fusionscope import load_network, networks, read_clip, run
clip = read_clip("toybox:8")
for name in ("jhmdb-conv3d", "jhmdb-late", "toybox-conv3d", "toybox-cat"):
    run(load_network(name), clip)
"""


@pytest.mark.parametrize(
    ("code", "later"),
    [
        *all_slow(
            (
                "from fusionscope.analysis import analysis",
                HEAVY | {"streamlit"},
            ),
            (
                "from fusionscope_app.export import share_run\n"
                "from fusionscope_app.state import results",
                HEAVY - {"plotly"},  # which Streamlit imports by itself
            ),
            (
                "from fusionscope.analysis import analysis\nimport torch",
                {"torch._dynamo", "torchvision", "timm"},
            ),
        ),
        (FIRST_PAGE, HEAVY),
        (LOADED, {"captum", "scipy", "sklearn", "sympy", "timm", "torch._dynamo", "torchvision"}),
    ],
    ids=[
        *("an analysis", "the first page's modules", "torch", "the first page"),
        "networks loaded and run",
    ],
)
def test_what_takes_long_to_import_waits_until_it_is_needed(code: str, later: set[str]):
    loaded = loaded_by(code)
    assert {"cv2", "fusionscope.trace"} <= loaded, "nothing was measured"
    assert sorted(later & loaded) == []


def loaded_by(code: str) -> set[str]:
    """The modules that a fresh interpreter holds once it has run."""
    script = f"{code}\nimport os, sys\nprint(*sys.modules, flush=True)\nos._exit(0)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_plotly_is_imported_with_the_first_plot_and_then_has_streamlits_theme():
    code = """
from fusionscope_app.cli.serve import plotly_later
with plotly_later():
    import streamlit
import sys
assert not {"plotly", "plotly.io"} & sys.modules.keys()
from fusionscope_app.widgets import plot_colours
import plotly.io
assert plotly.io.templates.default == "streamlit", plotly.io.templates.default
"""
    assert "plotly.io" in loaded_by(code)
