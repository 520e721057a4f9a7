"""Notebook: the player as the output of a cell, in a sandboxed frame.

The player belongs to the app; this package has no browser code and does not import the app. It
finds the player's page through an entry point of the group ``fusionscope.player``, a function from
a reel's bytes to an HTML document, as pandas finds its plotting back ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from importlib.metadata import entry_points

from fusionscope.analysis.reel import Reel
from fusionscope.base.records import InputError

GROUP = "fusionscope.player"
REM = "max(clamp(15px, 8px + 0.5475cqw, 32px), min(16px, (641px - 100cqw) * 99))"  # type.css
EDGES = 28  # pixels around the player and above its parts
TEXTS = 7.04  # rem of a panel without its picture
GAPS = (0.55, 0.75)  # rem between panels, down and across
TIMELINE = 4.5  # rem without the tracks
TRACK = 1.75  # rem of a track of evidence
CONTROLS = 2.1  # rem of their first line
WRAPPED = 2.35  # rem of each further line


@dataclass(frozen=True, eq=False, repr=False)
class NotebookPlayer:
    """The player that a notebook draws; several on one page are independent."""

    title: str
    reel: Reel
    shape: tuple[int, int, int]  # number of panels shown, width and height of a picture
    tracks: int = 0  # below the timeline, one per map shown

    def __repr__(self) -> str:
        return f"<fusionscope player: {self.title}>"

    def _repr_html_(self) -> str:
        """The iframe. It allows scripts only, and has its own origin."""
        (point,) = [*entry_points(group=GROUP)][:1] or (None,)
        if point is None:
            raise InputError(
                "the package fusionscope_app, which contains the player, is not installed; "
                "needed: fusionscope installed with pip"
            )
        tall = height(*self.shape, self.tracks)
        page = point.load()(self.reel.to_bytes())
        return (
            '<div style="container-type: inline-size; width: 100%">'
            f'<iframe sandbox="allow-scripts" title="{escape(self.title)}" '
            f'style="display: block; width: 100%; border: 0; height: {tall}" '
            f'srcdoc="{escape(page)}"></iframe></div>'
        )


def height(panels: int, wide: int, high: int, tracks: int = 0) -> str:
    """The player's height as CSS, from the available width (100cqw).

    From 736 pixels the panels form one row at most 714 pixels high, below two columns. The player's
    lengths are its sheet's (player.css), with room for three lines of details in each panel.
    """
    columns = min(panels, 2)
    rows = -(-panels // columns)
    rest = TIMELINE + TRACK * tracks + CONTROLS
    row = f"{_panel(panels, high / wide)} + {EDGES}px + {rest} * {REM} + {_below(840, WRAPPED)}"
    two = (
        f"{rows} * {_panel(columns, high / wide)} + {EDGES}px"
        f" + {rest + WRAPPED + GAPS[0] * (rows - 1):.4f} * {REM} + {_below(640, WRAPPED)}"
    )
    return f"max({row}, min({two}, (736px - 100cqw) * 999))"


def _panel(columns: int, tall: float) -> str:
    """CSS of a panel's height, from the height of a picture by its width."""
    picture = f"(100cqw - 16px - {GAPS[1] * (columns - 1)} * {REM}) / {columns} * {tall:.4f}"
    return f"min({picture} + {TEXTS} * {REM}, 714px)"


def _below(width: int, more: float) -> str:
    """CSS that adds a length in rem below a width."""
    return f"min({more} * {REM}, max(0px, ({width}px - 100cqw) * 99))"
