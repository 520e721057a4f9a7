"""Boundary: who may import whom, read from the source without running it."""

from __future__ import annotations

import ast
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

ORDER = (  # of the rooms of core: one further down may import those further up, never back
    *("base", "parallel", "card", "video", "nets", "trace", "explain"),
    *("analysis", "data", "evaluation", "training", "teaching", "diagnostics", "bench", "api"),
)
APP_ORDER = (  # and of the app; a page's room knows no other page's, except that of Learn
    *("theme", "pages", "glossary", "server", "state", "components", "markup", "widgets"),
    *("teach", "film", "fusion", "why", "what_if", "flow", "compare", "errors", "models"),
    *("learn", "export", "warmup", "main", "cli"),
)

LONG: dict[str, str] = {}
"""File of more than 250 lines -> why it is one idea all the same."""

PRINTS: dict[str, str] = {}
"""File in core that prints -> why."""


def sources(package: str, ending: str = "py") -> list[Path]:
    return sorted(
        path
        for path in (ROOT / package).rglob(f"*.{ending}")
        if not {"__pycache__", "node_modules"} & {*path.parts}
    )


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts[1:]
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
            files = ((where(module) / alias.name) for alias in node.names)
            # ``from fusionscope.video import clip`` names a file, ``import Card`` does not
            found |= {
                f"{module}.{alias.name}"
                if file.with_suffix(".py").exists() or file.is_dir()
                else module
                for alias, file in zip(node.names, files, strict=True)
            }
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "import_module":
            found |= {str(arg.value) for arg in node.args if isinstance(arg, ast.Constant)}
    return found


def where(module: str) -> Path:
    """The file or folder of a module, without its ending."""
    top = {"fusionscope": "core", "fusionscope_app": "app"}.get(module.partition(".")[0], "")
    return ROOT / top / module.replace(".", "/")


def roots(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in imports(path)}


def rank(module: str) -> int:
    """The place of a module's room in the order of its package."""
    package, room = module.split(".")[:2]
    order = ORDER if package == "fusionscope" else APP_ORDER
    if room not in order:
        raise AssertionError(f"{module} lies in a room that has no place in the order")
    return order.index(room)


CORE, APP = sources("core"), sources("app")


def test_there_is_something_to_read():
    assert {name_of(path) for path in CORE} >= {
        "fusionscope.base.records",
        "fusionscope.nets.network",
        "fusionscope.data.datasets",
    }
    assert {name_of(path) for path in APP} >= {
        "fusionscope_app.main",
        "fusionscope_app.state.results",
    }
    assert imports(ROOT / "core/fusionscope/video/clip.py") >= {
        "fusionscope.base.records",
        "fusionscope.video.reading.decoder_process",
        "numpy",
    }


@pytest.mark.parametrize("path", CORE, ids=name_of)
def test_core_imports_neither_app_nor_its_widgets(path: Path):
    assert not roots(path) & {"fusionscope_app", "streamlit", "plotly", "tests"}


@pytest.mark.parametrize("path", APP, ids=name_of)
def test_app_imports_no_torch_nor_what_reads_video(path: Path):
    forbidden = {"torch", "torchvision", "cv2", "av", "captum", "timm", "safetensors", "tests"}
    assert not roots(path) & forbidden


@pytest.mark.parametrize("path", [*CORE, *APP], ids=name_of)
def test_a_room_imports_only_rooms_before_it(path: Path):
    package, _, inside = name_of(path).partition(".")
    if not inside or inside.startswith("views"):  # a page's own file puts its rooms together
        return
    own = rank(name_of(path))
    for module in imports(path):
        if module.startswith(f"{package}."):
            assert rank(module) <= own, f"{name_of(path)} imports {module}"


@pytest.mark.parametrize("path", [*CORE, *APP], ids=name_of)
def test_a_folder_holds_at_most_14_files_of_code(path: Path):
    code = [p for p in path.parent.iterdir() if p.suffix in (".py", ".js") and p.stem != "__init__"]
    assert len(code) <= 14


def test_a_file_that_two_import_imports_neither():
    files = {name_of(path): path for path in CORE}
    graph = {name: imports(path) & set(files) - {name} for name, path in files.items()}
    assert len([*TopologicalSorter(graph).static_order()]) == len(files)  # raises on a circle


@pytest.mark.parametrize("path", [*CORE, *APP, *sources("app", "js")], ids=name_of)
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
