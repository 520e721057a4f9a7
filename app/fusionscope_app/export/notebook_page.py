"""Notebook page: the player alone as an HTML document, for an iframe in a notebook.

``fusionscope.show`` finds it as an entry point of the group ``fusionscope.player``.
"""

from __future__ import annotations

from string import Template

from fusionscope_app.export.offline_player import PLAYER_SCRIPT, PLAYER_STYLE, POLICY, player_code

_PAGE = Template(f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
{POLICY}
<title>Clip player</title>
<style>
{PLAYER_STYLE}
body {{ margin: 0; padding: 6px 8px; color: var(--st-text-color);
  background: var(--st-background-color); }}
.fs-player {{ --fs-tall: 714; }}
.fs-player .fs-kinds {{ display: none; }}
</style>
</head>
<body>
<div id="player"></div>
{PLAYER_SCRIPT}
</body>
</html>
""")


def notebook_page(reel: bytes) -> str:
    """A reel -> a document that plays it; its policy forbids fetching anything."""
    return _PAGE.substitute(player_code(reel))
