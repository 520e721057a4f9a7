"""Own: the network of docs/bring-your-own.md, installed for one test."""

import importlib
import re
import sys
from pathlib import Path

import pytest

from tests.serve import ROOT

PAGE = ROOT / "docs/bring-your-own.md"


def example_block(language: str, about: str) -> str:
    """The page's one code block of a language that contains a text."""
    blocks = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text("utf-8"), re.S)
    (found,) = (block for block in blocks if about in block)
    return found


def install(folder: Path, module: str, source: str, points: str = "") -> None:
    """Put a module and its package's entry points where an installer would put them."""
    if not points:
        toml = example_block("toml", "fusionscope.models")
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
