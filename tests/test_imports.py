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
    *("timm", "torchvision"),
}
FIRST_PAGE = f"""
from streamlit.testing.v1 import AppTest
page = AppTest.from_file({str(MAIN)!r}, default_timeout=120).run()
assert not page.exception, page.exception
assert any("clip" in text.value for text in page.caption), "no answer on the page"
"""


@pytest.mark.parametrize(
    ("code", "later"),
    [
        *all_slow(
            ("import core.pipeline", HEAVY | {"plotly", "streamlit", "torch._dynamo"}),
            ("import app.session, app.shares, app.why_figures", HEAVY | {"torch._dynamo"}),
        ),
        (FIRST_PAGE, HEAVY),
    ],
    ids=["the pipeline", "the first page's modules", "the first page"],
)
def test_what_takes_long_to_import_waits_until_it_is_needed(code: str, later: set[str]):
    loaded = loaded_by(code)
    assert {"torch", "cv2"} <= loaded, "nothing was measured"
    assert sorted(later & loaded) == []


def loaded_by(code: str) -> set[str]:
    """The modules that a fresh interpreter holds once it has run."""
    script = f"{code}\nimport os, sys\nprint(*sys.modules, flush=True)\nos._exit(0)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())
