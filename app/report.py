"""Report: one page's state as one HTML file that plays offline: the player's own code, no server.

Nothing is fetched: the file forbids it (its Content-Security-Policy allows no address at all).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from string import Template

from app import figures, flow_tables, lens_figures, why_figures
from app.player.player import CSS, JS
from core.card import Card

_GROUNDS = {"light": ("#ffffff", "#1b1f24", "#0072B2"), "dark": ("#14171b", "#e9ecef", "#5ab4e5")}

_PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline';
  img-src data:">
<title>$title</title>
<style>
:root { color-scheme: light dark; $light }
@media (prefers-color-scheme: dark) { :root { $dark } }
body { margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 75rem;
  font: 15px/1.5 system-ui, sans-serif;
  color: var(--st-text-color); background: var(--st-background-color); }
h1 { font-size: 1.1rem; margin: 0 0 1rem; }
h2 { font-size: 1.05rem; margin: 2rem 0 0.5rem; }
.said { display: grid; gap: 1.2rem; margin: 1.5rem 0; overflow-x: auto; }
.notes { font-size: 0.87rem; opacity: 0.75; }
pre { overflow-x: auto; padding: 0.8rem; border: 1px solid; font-size: 0.85rem; }
$css
</style>
$styles
</head>
<body>
<h1>$title</h1>
<div id="player"></div>
<main class="said">
$said
</main>
<div class="notes">
$notes
</div>
<h2>The same in Python</h2>
<pre><code>$code</code></pre>
<script type="application/octet-stream" id="reel">$reel</script>
<script type="module">
$js
const text = document.getElementById("reel").textContent;
const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const parentElement = document.getElementById("player");
const show = () => mount({ data: bytes, parentElement, setTriggerValue() {} });
show();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
</script>
</body>
</html>
""")


@dataclass(frozen=True, eq=False)
class Report:
    """What stands in a report."""

    title: str
    reel: bytes
    said: Sequence[str]  # HTML that the page shows, in order; text in it is escaped already
    notes: Sequence[str]  # plain text: how the numbers came about
    code: str
    cards: Sequence[Card]


def report_html(report: Report) -> str:
    """The file."""
    js = JS.replace("export default function mount", "function mount")
    styles = (figures.STYLE, lens_figures.STYLE, flow_tables.STYLE, why_figures.STYLE)
    notes = [*report.notes, *map(_card_words, report.cards)]
    return _PAGE.substitute(
        title=escape(report.title),
        light=_variables("light"),
        dark=_variables("dark"),
        css=CSS,
        styles="\n".join(styles),
        said="\n".join(f"<div>{part}</div>" for part in report.said),
        notes="\n".join(f"<p>{escape(note)}</p>" for note in notes),
        code=escape(report.code),
        reel=base64.b64encode(report.reel).decode(),
        js=js,
    )


def _variables(theme: str) -> str:
    ground, ink, accent = _GROUNDS[theme]
    names: Mapping[str, str] = {"background": ground, "text": ink, "primary": accent}
    return " ".join(f"--st-{name}-color: {colour};" for name, colour in names.items())


def _card_words(card: Card) -> str:
    measured = ", ".join(f"{head} {share:.1%}" for head, share in card.accuracy)
    parts = [
        f"{card.title} ({card.name})",
        f"measured: {measured}" if measured else "no accuracy is known of it",
        f"sha256 of its weights {card.sha256[:16]}" if card.sha256 else "",
        f"licence {card.licence}" if card.licence else "",
    ]
    return "; ".join(filter(None, parts)) + "."
