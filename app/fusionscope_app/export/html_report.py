"""Report: the state of a page as one HTML file that plays offline, with the player's own code.

Its words explain themselves as on the page.

Its Content-Security-Policy allows no address at all, so nothing can be fetched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from string import Template

from fusionscope.analysis.reel import Reel
from fusionscope.card import Card
from fusionscope_app.components.guide import TERMS_SCRIPT
from fusionscope_app.export.offline_player import (
    PLAYER_SCRIPT,
    PLAYER_STYLE,
    POLICY,
    player_code,
)
from fusionscope_app.theme.stylesheet import STYLE

_PAGE = Template(f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
{POLICY}
<title>$title</title>
<style>
{PLAYER_STYLE}
body {{ margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 75rem;
  font: 1rem/1.5 system-ui, sans-serif;
  color: var(--st-text-color); background: var(--st-background-color); }}
h1 {{ font-size: var(--fs-size-3); margin: 0 0 1rem; }}
h2 {{ font-size: var(--fs-size-3); margin: 2rem 0 0.5rem; }}
.said {{ display: grid; gap: 1.2rem; margin: 1.5rem 0; overflow-x: auto; }}
.notes {{ font-size: var(--fs-size-1); opacity: 0.75; }}
pre {{ overflow-x: auto; padding: 0.8rem; border: 1px solid; font-size: var(--fs-size-1); }}
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
<h2>Python code for this view</h2>
<pre><code>$code</code></pre>
{PLAYER_SCRIPT}
<script type="module">
$terms
</script>
</body>
</html>
""")


@dataclass(frozen=True, eq=False)
class Report:
    """The content of a report."""

    title: str
    reel: Reel
    said: Sequence[str]  # HTML of the page, in order; its text is escaped
    notes: Sequence[str]  # plain text: how the numbers were computed
    code: str
    cards: Sequence[Card]
    show: Sequence[str] = ()  # keys of panels; empty: those of the reel


def report_html(report: Report) -> str:
    """The report as HTML."""
    notes = [*report.notes, *map(_card_words, report.cards)]
    return _PAGE.substitute(
        player_code(report.reel.to_bytes(report.show)),
        title=escape(report.title),
        styles=STYLE,
        terms=TERMS_SCRIPT,
        said="\n".join(f"<div>{part}</div>" for part in report.said),
        notes="\n".join(f"<p>{escape(note)}</p>" for note in notes),
        code=escape(report.code),
    )


def _card_words(card: Card) -> str:
    measured = ", ".join(f"{head} {100 * share:.1f} %" for head, share in card.accuracy)
    parts = [
        f"{card.title} ({card.name})",
        f"accuracy: {measured}" if measured else "accuracy unknown",
        f"sha256 of the weights {card.sha256[:16]}" if card.sha256 else "",
        f"licence {card.licence}" if card.licence else "",
    ]
    return "; ".join(filter(None, parts)) + "."
