"""The player's Python side: mounts the component and reads the click that comes back.

A reel is 4 bytes (uint32, little-endian: the header's length), a JSON header, and a payload that
the header's offsets count into. The browser draws all of it; the server hears of a click and of
nothing else. The parts of the script are nouns in files of their own, joined here: no build step.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streamlit.components.v2 import component

from app import palette
from core.ramps import RAMPS

HERE = Path(__file__).parent
PARTS = (
    *("reel.js", "colour.js", "panel.js", "row.js", "timeline.js"),
    *("moment.js", "keys.js", "player.js"),
)


def _colours(shades: Mapping[str, str]) -> str:
    return " ".join(f"--fs-{name}: {shades[name]};" for name in shades)


CSS = f"""
.fs-player {{ {_colours(palette.LIGHT)} }}
.fs-player[data-theme="dark"] {{ {_colours(palette.DARK)} }}
{(HERE / "player.css").read_text("utf-8")}"""

JS = "\n".join(
    (
        f"const RAMPS = {json.dumps(dict(RAMPS))};",
        *((HERE / part).read_text("utf-8") for part in PARTS),
    )
)

_component = component("fusionscope_player", css=CSS, js=JS)


@dataclass(frozen=True)
class Click:
    """Where the viewer clicked. Frames, chunks, rows and columns count from 0."""

    panel: str
    frame: int
    chunk: int
    row: int | None  # of the outlined cell: the panel's map, else the fused one; None without
    column: int | None
    x: float  # 0..1 of the picture's width
    y: float  # 0..1 of its height


def player(
    reel: bytes,
    *,
    key: str,
    show: list[str] | None = None,
    pin: Mapping[str, float] | None = None,
) -> Click | None:
    """Play a reel; return the click that caused this rerun, if one did.

    ``show`` names the panels to begin with, and changes them when it changes; between changes the
    viewer's own choice stands. ``pin`` is a place (x, y) and a frame to stand at, likewise.
    """
    reel = asked_of(reel, shown=show, pin=pin)
    size = 4 + int.from_bytes(reel[:4], "little")
    header = json.loads(reel[4:size])
    result = _component(key=key, data=reel, on_click_change=lambda: None)
    return read_click(result.click, header)


def asked_of(reel: bytes, **asked: Any) -> bytes:
    """A reel that asks for something in its header: ``shown`` panels, a ``pin``; None: as it is."""
    asked = {name: value for name, value in asked.items() if value is not None}
    if not asked:
        return reel
    size = 4 + int.from_bytes(reel[:4], "little")
    text = json.dumps(json.loads(reel[4:size]) | asked).encode()
    return len(text).to_bytes(4, "little") + text + reel[size:]


def read_click(sent: Any, header: dict[str, Any]) -> Click | None:
    """The browser's word, or None where it does not fit the reel: a browser can send anything."""
    panels = {panel["key"]: panel for panel in header["panels"]}
    try:
        panel, frame, chunk = panels[sent["panel"]], int(sent["frame"]), int(sent["chunk"])
        x, y = float(sent["x"]), float(sent["y"])
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    chunks = panel.get("chunks", header["chunks"])
    inside = 0 <= frame < header["frames"] and 0 <= chunk < max(1, len(chunks))
    if not (inside and 0 <= x <= 1 and 0 <= y <= 1):
        return None
    fused = [other for other in panels.values() if other["stream"] == "fused"]
    maps = [shown["map"] for shown in (panel, *fused) if shown["map"]]
    if not maps:
        return Click(panel["key"], frame, chunk, None, None, x, y)
    _, rows, columns = maps[0]["shape"]  # the cell that the browser outlines: Reel.cell in reel.js
    left, top, right, bottom = maps[0].get("extent", (0, 0, 1, 1))
    row = int((y - top) / (bottom - top) * rows)
    column = int((x - left) / (right - left) * columns)
    row, column = max(0, min(rows - 1, row)), max(0, min(columns - 1, column))
    return Click(panel["key"], frame, chunk, row, column, x, y)
