"""The browser's code: its modules join into one script, and its parts outlive overtaken calls."""

import base64
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from fusionscope_app.components.diagram import StageMaps
from fusionscope_app.components.diagram import packed as packed_diagram
from fusionscope_app.components.film_strip import packed
from fusionscope_app.components.lens.scenes import scores_scene
from fusionscope_app.components.matrix import packed as packed_matrix
from fusionscope_app.components.points import packed as packed_points
from fusionscope_app.components.script import joined_script
from tests.seeded_predictions import made_up
from tests.serve import open_page
from tests.test_film_windows import MADE

if TYPE_CHECKING:
    from playwright.sync_api import Browser

COMPONENTS = Path(__file__).parents[1] / "app/fusionscope_app/components"
ENTRIES = sorted(
    path for path in COMPONENTS.rglob("*.js") if "export default" in path.read_text("utf-8")
)
NAMES = {path.stem for path in ENTRIES}
TOP = re.compile(r"^(?:const|let|(?:async )?function|class) (\w+|\[[^\]]*\])", re.MULTILINE)

LESSON = (
    "{title: 'T', name: 't', number: 1, page: 'Explore', away: false, following: '', lecture: true,"
    " steps: [{text: 'a', ask: 'b', choices: ['c', 'd'], choice: 0, right: true, words: 'e',"
    " room: 'f', note: 'g'}]}"
)
DATA = {
    "address_bar": "({kept: ['clip']})",
    "cards": "Uint8Array.from(atob('{cards}'), c => c.charCodeAt(0))",
    "diagram": "Uint8Array.from(atob('{diagram}'), c => c.charCodeAt(0))",
    "film_strip": "Uint8Array.from(atob('{film}'), c => c.charCodeAt(0))",
    "guide": "({page: ''})",
    "eight": "({cells: Array(8).fill({count: 1, name: 'n', word: 'w'}), chosen: -1})",
    "lens": "Uint8Array.from(atob('{lens}'), c => c.charCodeAt(0))",
    "ladder": "({questions: [], chance: 0.1, told: false})",
    "lesson_board": "Uint8Array.from(atob('{board}'), c => c.charCodeAt(0))",
    "lesson_strip": "new TextEncoder().encode(JSON.stringify(" + LESSON + "))",
    "link_box": "new TextEncoder().encode('http://here/?a=1')",
    "matrix": "Uint8Array.from(atob('{matrix}'), c => c.charCodeAt(0))",
    "player": "undefined",
    "points": "Uint8Array.from(atob('{points}'), c => c.charCodeAt(0))",
    "sheet": "Uint8Array.from(atob('{sheet}'), c => c.charCodeAt(0))",
    "webcam": "({number: 0, trouble: '', seconds: 3, limit: 10})",
}
BOARD = (
    b'{"number": 0, "trouble": "", "classes": [{"name": "a", "clips": []}], "records": true, '
    b'"tests": false, "seconds": 3, "limit": 10, "most": 10, "endings": [".mp4"]}'
)
MATRIX = packed_matrix(np.eye(3, dtype=int), "abc", (0, 3), None)
POINTS = packed_points(
    made_up().heads["jhmdb-late", "average"], np.zeros((177, 2)), "l", None, None, ()
)
SHEET = b"""{"digest": "d", "source": "/s", "chosen": "", "selected": [], "selects": true,
"search": true, "large": false}"""
ROWS = b"""{"ids": [""], "titles": ["a"], "classes": [], "truth": [], "heads": [], "tags": []}"""
CARDS = b'{"chosen": "a", "cards": [{"id": "a", "title": "A", "size": 0}]}'


def test_every_component_is_known() -> None:
    assert set(DATA) == NAMES


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda path: path.stem)
def test_a_joined_script_is_one_module_whose_names_differ(entry: Path) -> None:
    script = joined_script(entry)
    names = re.findall(r"\w+", " ".join(TOP.findall(script)))
    assert len(names) == len(set(names)) > 5
    assert not re.search(r"^import |import\(", script, re.MULTILINE)
    assert re.findall(r"^export (.{11})", script, re.MULTILINE) == ["default fun"]


def test_a_module_comes_once_and_after_what_it_imports(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("export const a = 1;\n")
    (tmp_path / "b.js").write_text('import { a } from "./a.js";\nexport const b = a;\n')
    (tmp_path / "c.js").write_text(
        'import { a } from "./a.js";\nimport {\n  b,\n} from "./b.js";\nexport default a + b;\n'
    )
    script = joined_script(tmp_path / "c.js")
    assert script.split() == [
        "const",
        "a",
        "=",
        "1;",
        "const",
        "b",
        "=",
        "a;",
        "export",
        "default",
        "a",
        "+",
        "b;",
    ]


@pytest.mark.browser
@pytest.mark.parametrize("entry", ENTRIES, ids=lambda path: path.stem)
def test_only_the_clean_up_of_the_newest_call_ends_a_part(browser: "Browser", entry: Path) -> None:
    given = {"cards": len(CARDS).to_bytes(4, "little") + CARDS, "matrix": MATRIX, "points": POINTS}
    given["diagram"] = packed_diagram(None, None, StageMaps())
    given["lens"] = scores_scene(np.array([[1.0, 0.0], [0.5, 0.2]]), ("a", "b"), "clip")
    given["board"] = len(BOARD).to_bytes(4, "little") + BOARD
    given["film"] = packed(MADE, 6.0, None, complete=True)
    given["sheet"] = len(SHEET).to_bytes(4, "little") + SHEET + ROWS
    data = DATA[entry.stem]
    for name, content in given.items():
        data = data.replace(f"{{{name}}}", base64.b64encode(content).decode())
    script = "const RAMPS = {}, GLOSSARY = [], TOUR = [];\n" + joined_script(entry)
    with open_page("about:blank", browser=browser) as page:
        counts = page.evaluate(
            f"""async script => {{
              const {{ default: mount }} = await import(URL.createObjectURL(
                new Blob([script], {{ type: "text/javascript" }})));
              const parentElement = document.body;
              const call = () => mount({{ data: {data}, parentElement, setTriggerValue() {{}} }});
              const counts = [];
              const count = () => counts.push(parentElement.childElementCount);
              const first = call(); count();
              const part = parentElement.firstElementChild;
              const second = call(); count();
              counts.push(part === parentElement.firstElementChild);
              first(); count();
              second(); count();
              second(); call(); count();
              return counts;
            }}""",
            script,
        )
    assert counts == [1, 1, True, 1, 0, 1]


@pytest.mark.browser
def test_the_link_box_listens_once_and_not_after_its_end(browser: "Browser") -> None:
    script = joined_script(COMPONENTS / "link_box/link_box.js")
    with open_page("about:blank", browser=browser) as page:
        counts = page.evaluate(
            """async script => {
              const held = [];
              const [add, remove] = [addEventListener, removeEventListener];
              window.addEventListener = (...of) => { held.push(of[1]); add(...of); };
              window.removeEventListener = (...of) => {
                held.splice(held.indexOf(of[1]), 1); remove(...of);
              };
              const { default: mount } = await import(URL.createObjectURL(
                new Blob([script], { type: "text/javascript" })));
              const call = () => mount({ data: new TextEncoder().encode("http://here/?a=1"),
                parentElement: document.body, setTriggerValue() {} });
              const ends = [call(), call(), call()];
              const during = held.length;
              ends.forEach(end => end());
              return [during, held.length];
            }""",
            script,
        )
    assert counts == [1, 0]
