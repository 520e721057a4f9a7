"""Markers: whatever starts Chromium is marked, so that a plain run leaves it out."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
FILES = sorted(TESTS.glob("test_*.py"))
STARTS = {"chromium", "executable", "open_page"}  # functions of tests/serve.py

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(path: Path) -> list[Function]:
    """Functions of a file, and methods of its classes."""
    tree = ast.parse(path.read_text("utf-8"), str(path))
    return [node for node in ast.walk(tree) if isinstance(node, Function)]


def needs(function: Function) -> set[str]:
    """Names that a function is given, asks for in a marker, or calls."""
    called = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
    calls = {getattr(name, "id", getattr(name, "attr", "")) for name in called}
    words = {
        str(node.value)
        for decorator in function.decorator_list
        for node in ast.walk(decorator)
        if "usefixtures" in ast.unparse(decorator) and isinstance(node, ast.Constant)
    }
    return {arg.arg for arg in function.args.args} | calls | words


def with_chromium(*paths: Path) -> set[str]:
    """Names of functions and fixtures that start Chromium, themselves or by what they need."""
    all_of = {f.name: needs(f) for path in paths for f in functions(path)}
    found = set(STARTS)
    while more := {name for name, need in all_of.items() if need & found} - found:
        found |= more
    return found


def marked(path: Path) -> set[str]:
    """Tests of a file that have the marker, by themselves or with all of their file."""
    tree = ast.parse(path.read_text("utf-8"), str(path))
    aliases = {"pytest.mark.browser"}
    for node in tree.body:
        if isinstance(node, ast.Assign) and "pytest.mark.browser" in ast.unparse(node.value):
            aliases |= {ast.unparse(target) for target in node.targets}
    tests = [f for f in functions(path) if f.name.startswith("test_")]
    if "pytestmark" in aliases:
        return {test.name for test in tests}
    return {test.name for test in tests if aliases & {*map(ast.unparse, test.decorator_list)}}


def unmarked(path: Path) -> set[str]:
    names = with_chromium(TESTS / "conftest.py", path)
    return {name for name in names if name.startswith("test_")} - marked(path)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_test_that_starts_chromium_is_marked(path: Path):
    assert not unmarked(path)


def test_a_test_that_starts_chromium_in_any_way_is_seen(tmp_path: Path):
    path = tmp_path / "test_made.py"
    path.write_text(
        """
import pytest
only = pytest.mark.browser

@pytest.fixture
def filmed():
    with chromium() as found:
        yield found

@pytest.fixture
def page(filmed): ...

def test_by_a_fixture_of_all(site): ...
def test_by_its_own_fixture(page): ...
def test_by_hand(): open_page("about:blank")
def test_without_any(): ...
@pytest.mark.usefixtures("page")
def test_by_name(): ...
@only
def test_that_is_marked(page): ...
"""
    )
    assert unmarked(path) == {
        *("test_by_a_fixture_of_all", "test_by_its_own_fixture", "test_by_hand", "test_by_name"),
    }
    path.write_text("pytestmark = pytest.mark.browser\n" + path.read_text())
    assert not unmarked(path)
