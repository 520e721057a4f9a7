"""Sharing: what a page shows, to take along: link, report, film, arrays, the same in Python.

Files are made when they are asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from importlib.metadata import version
from typing import Any
from urllib.parse import urlencode

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app import script, session
from app.linking import link_box
from app.player.player import asked_of
from app.report import Report, report_html
from core.bundle import pack_bundle
from core.card import Card
from core.film import film
from core.reel import unpack_header


@dataclass(frozen=True, eq=False)
class Share:
    """What a page has to give."""

    page: str
    clip_id: str
    cards: Sequence[Card]
    reel: bytes
    said: Sequence[str]  # HTML, in order
    notes: Sequence[str]  # plain text
    lines: Sequence[str]  # of Python
    arrays: Callable[[], Mapping[str, np.ndarray]]
    about: Mapping[str, Any] = field(default_factory=dict)
    show: Sequence[str] = ()  # panels, where they are not the reel's own

    @property
    def title(self) -> str:
        """What it shows, on one line."""
        names = " and ".join(card.title for card in self.cards)
        return f"{self.page}: {session.title_of(self.clip_id)}, {names}"

    @property
    def name(self) -> str:
        """What its files are called, without an ending."""
        words = (self.page, session.title_of(self.clip_id), *(card.name for card in self.cards))
        return "-".join(re.sub(r"[^A-Za-z0-9]+", "-", word).strip("-") for word in words)[:100]


def share_section(place: DeltaGenerator, share: Share) -> None:
    """A menu in ``place``."""
    with place.popover("Share"):
        if share.clip_id.startswith("upload:"):
            st.caption("A link leads to this clip in this tab only: others need its file.")
        address = link(share)
        link_box(address, key="share_link")
        for label, ending, make, mime in (
            ("Report, plays offline", "html", partial(report_of, address=address), "text/html"),
            ("Video of the panels", "mp4", film_of, "video/mp4"),
            ("Arrays for NumPy", "npz", bundle_of, "application/octet-stream"),
        ):
            st.download_button(
                f"{label} ({ending})",
                partial(make, share),
                f"{share.name}.{ending}",
                mime,
                key=f"share_{ending}",
                on_click="ignore",
                width="stretch",
            )
        st.markdown("The same in Python")
        st.code(script.written(share.lines), language="python")


def link(share: Share) -> str:
    """The address of what is shown, but for the player's frame: that is the browser's to say.

    Clip and network stand in it even where they are those that the app begins with.
    """
    names = {"clip": share.clip_id, "model": share.cards[0].name}
    told = {key: value for key, value in st.query_params.to_dict().items() if key != "frame"}
    base = (st.context.url or "").partition("?")[0]
    return f"{base}?{urlencode(names | told, safe=':/~')}"


def report_of(share: Share, address: str) -> bytes:
    """The report's file; ``address`` is where the page stood."""
    made = f"Made by fusionscope {version('fusionscope')} on {date.today():%-d %B %Y}."
    notes = [*share.notes, f"{made} The page: {address}"]
    reel = asked_of(share.reel, shown=[*share.show] or None)
    code = script.written(share.lines)
    return report_html(Report(share.title, reel, share.said, notes, code, share.cards)).encode()


def film_of(share: Share) -> bytes:
    """The panels side by side."""
    key = ("film", unpack_header(share.reel)["digest"], tuple(share.show))
    return session.shelf().get(key, lambda: film(share.reel, share.show))


def bundle_of(share: Share) -> bytes:
    """The arrays behind the panels."""
    return pack_bundle(share.arrays(), share.about)
