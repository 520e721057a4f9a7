"""Boundary: who may import whom, read from the source without running it."""

from __future__ import annotations

import ast
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

ORDER = (  # what lies further down may import what lies further up, and its own part
    ("core.records", "core.draft", "core.folders", "core.memory", "core.streams", "core.ramps"),
    ("core.card",),
    ("core.video",),
    ("core.nets",),
    ("core.trace",),
    ("core.explain",),
    ("core.reel", "core.pipeline", "core.comparison"),
    ("core.lens_reel", "core.flow_reel", "core.edit_reel", "core.film", "core.bundle"),
    ("core.study", "core.check"),
    ("core.bench", "core.doctor"),
)

LONG: dict[str, str] = {}
"""File of more than 250 lines -> why it is one idea all the same."""

PRINTS: dict[str, str] = {}
"""File in core that prints -> why."""


def sources(package: str) -> list[Path]:
    return sorted(
        path for path in (ROOT / package).rglob("*.py") if "__pycache__" not in path.parts
    )


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def imports(path: Path) -> set[str]:
    """Every module a file names in an import, at any depth, whether or not it ever runs."""
    found: set[str] = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            module = node.module or ""
            files = ((ROOT / module.replace(".", "/") / alias.name) for alias in node.names)
            # ``from core.video import child`` names a file, ``from core.card import Card`` does not
            found |= {
                f"{module}.{alias.name}"
                if file.with_suffix(".py").exists() or file.is_dir()
                else module
                for alias, file in zip(node.names, files, strict=True)
            }
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "import_module":
            found |= {str(arg.value) for arg in node.args if isinstance(arg, ast.Constant)}
    return found


def roots(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in imports(path)}


def rank(module: str) -> int:
    for place, parts in enumerate(ORDER):
        if any(module == part or module.startswith(f"{part}.") for part in parts):
            return place
    raise AssertionError(f"{module} has no place in the order of core")


CORE, APP = sources("core"), sources("app")


def test_there_is_something_to_read():
    assert {name_of(path) for path in CORE} >= {"core.records", "core.nets.network", "core.study"}
    assert {name_of(path) for path in APP} >= {"app.main", "app.session"}
    assert imports(ROOT / "core/video/clip.py") >= {"core.records", "core.video.child", "numpy"}


@pytest.mark.parametrize("path", CORE, ids=name_of)
def test_core_imports_neither_app_nor_its_widgets(path: Path):
    assert not roots(path) & {"app", "streamlit", "plotly", "tests"}


@pytest.mark.parametrize("path", APP, ids=name_of)
def test_app_imports_no_torch_nor_what_reads_video(path: Path):
    forbidden = {"torch", "torchvision", "cv2", "av", "captum", "timm", "safetensors", "tests"}
    assert not roots(path) & forbidden


@pytest.mark.parametrize("path", [p for p in CORE if name_of(p) != "core"], ids=name_of)
def test_core_imports_only_what_lies_before_it(path: Path):
    own = rank(name_of(path))
    for module in imports(path):
        if module.partition(".")[0] == "core":
            assert rank(module) <= own, f"{name_of(path)} imports {module}"


def test_a_file_that_two_import_imports_neither():
    files = {name_of(path): path for path in CORE}
    graph = {name: imports(path) & set(files) - {name} for name, path in files.items()}
    assert len([*TopologicalSorter(graph).static_order()]) == len(files)  # raises on a circle


@pytest.mark.parametrize("path", [*CORE, *APP], ids=name_of)
def test_a_file_is_one_idea_of_at_most_250_lines(path: Path):
    name = path.relative_to(ROOT).as_posix()
    lines = len(path.read_text("utf-8").splitlines())
    assert (lines <= 250) != (name in LONG), f"{name} has {lines} lines"


@pytest.mark.parametrize("path", CORE, ids=name_of)
def test_core_prints_nothing(path: Path):
    calls = (node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call))
    prints = any(isinstance(call.func, ast.Name) and call.func.id == "print" for call in calls)
    assert prints == (path.relative_to(ROOT).as_posix() in PRINTS)


@pytest.mark.parametrize("path", CORE, ids=name_of)
def test_core_asserts_nothing_and_catches_nothing_unnamed(path: Path):
    for node in ast.walk(tree_of(path)):
        assert not isinstance(node, ast.Assert), f"line {node.lineno}"
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"line {node.lineno}"


@pytest.mark.parametrize("path", CORE, ids=name_of)
def test_core_hooks_nothing(path: Path):
    names = {node.attr for node in ast.walk(tree_of(path)) if isinstance(node, ast.Attribute)}
    assert not {name for name in names if name.startswith("register_") and "hook" in name}
