"""The Python side of the player: mount the component, read the click that comes back.

The browser draws all of a reel from its bytes and sends nothing but clicks.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streamlit.components.v2 import component

from fusionscope.analysis.panel import Pin
from fusionscope.analysis.reel import Reel
from fusionscope.base.colour_ramps import RAMPS
from fusionscope.base.palette import SHADE, rgb
from fusionscope.base.streams import COLOURS
from fusionscope_app.components.script import joined_script
from fusionscope_app.theme import palette
from fusionscope_app.theme.stylesheet import TYPE

HERE = Path(__file__).parent


def _colours(shades: Mapping[str, str]) -> str:
    names = (*COLOURS.values(), "positive", "negative")
    return " ".join(f"--fs-{name}: {shades[name]};" for name in names)


CSS = f"""{TYPE}
.fs-player {{ {palette.FIXED} {_colours(palette.LIGHT_MAP)} }}
.fs-player[data-theme="dark"] {{ {_colours(palette.DARK_MAP)} }}
{(HERE / "player.css").read_text("utf-8")}"""

JS = f"""const RAMPS = {json.dumps(dict(RAMPS))};
const SHADE = {json.dumps(rgb(SHADE))};
{joined_script(HERE / "player.js")}"""

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
    reel: Reel, *, key: str, show: Sequence[str] = (), pin: Pin | None = None
) -> Click | None:
    """Play a reel; return the click that caused this rerun, if one did.

    ``show`` names the panels to begin with, and changes them when it changes; between changes the
    viewer's own choice stands. ``pin`` is a place and a frame to stand at, likewise.
    """
    result = _component(key=key, data=reel.to_bytes(show, pin), on_click_change=lambda: None)
    return read_click(result.click, reel)


def read_click(sent: Any, reel: Reel) -> Click | None:
    """The browser's word, or None where it does not fit the reel: a browser can send anything."""
    try:
        panel, frame, chunk = reel.panel(sent["panel"]), int(sent["frame"]), int(sent["chunk"])
        x, y = float(sent["x"]), float(sent["y"])
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    inside = 0 <= frame < reel.frames and 0 <= chunk < max(1, len(reel.chunks_of(panel)))
    if not (inside and 0 <= x <= 1 and 0 <= y <= 1):
        return None
    grid = reel.grid_of(panel)  # as the browser outlines the cell: Reel.cell in reel.js
    row, column = grid.cell_at(x, y) if grid else (None, None)
    return Click(panel.key, frame, chunk, row, column, x, y)
