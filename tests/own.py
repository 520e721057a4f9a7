"""Own: a user's network as the README tells it, installed for one test."""

import importlib
import re
import sys
from pathlib import Path

import pytest

from tests.serve import ROOT


def readme_block(language: str, about: str) -> str:
    """The README's one code block of a language that speaks of something."""
    blocks = re.findall(rf"```{language}\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.S)
    (found,) = (block for block in blocks if about in block)
    return found


def install(folder: Path, module: str, source: str, points: str = "") -> None:
    """Put a module and its package's entry points where an installer would put them."""
    if not points:
        toml = readme_block("toml", "fusionscope.models")
        points = "[fusionscope.models]\n" + toml.partition("\n")[2].replace('"', "")
    (folder / f"{module}.py").write_text(source, "utf-8")
    info = folder / f"{module}_of_mine-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {module}-of-mine\nVersion: 1.0\n", "utf-8"
    )
    (info / "entry_points.txt").write_text(points, "utf-8")


def on_path(folder: Path, patch: pytest.MonkeyPatch, *modules: str) -> None:
    """Let this process find what is installed in a folder, until the test ends."""
    patch.syspath_prepend(str(folder))
    importlib.invalidate_caches()
    for module in modules:
        patch.delitem(sys.modules, module, raising=False)
