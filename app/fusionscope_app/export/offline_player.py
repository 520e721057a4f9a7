"""Offline player: the player's own code and one reel, as parts of an HTML page without a server.

``POLICY`` allows no address at all, so nothing can be fetched.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping

from fusionscope_app.components.player.player import CSS, JS
from fusionscope_app.theme.palette import DARK_MAP, LIGHT_MAP

POLICY = """<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline';
  img-src data:">"""

PLAYER_STYLE = """:root { color-scheme: light dark; $light }
@media (prefers-color-scheme: dark) { :root { $dark } }
$css"""

PLAYER_SCRIPT = """<script type="application/octet-stream" id="reel">$reel</script>
<script type="module">
$js
const text = document.getElementById("reel").textContent;
const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const parentElement = document.getElementById("player");
const show = () => mount({ data: bytes, parentElement, setTriggerValue() {} });
show();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
</script>"""
"""The player in the element ``player``, from the reel in the page."""


def player_code(reel: bytes) -> dict[str, str]:
    """What ``PLAYER_STYLE`` and ``PLAYER_SCRIPT`` leave open."""
    return {
        "light": _variables(LIGHT_MAP),
        "dark": _variables(DARK_MAP),
        "css": CSS,
        "reel": base64.b64encode(reel).decode(),
        "js": JS.replace("export default function mount", "function mount"),
    }


def _variables(shades: Mapping[str, str]) -> str:
    names = {"background": "ground", "text": "ink", "primary": "accent"}
    return " ".join(f"--st-{name}-color: {shades[of]};" for name, of in names.items())
