"""Share menu: link, report, video, arrays and Python code of what a page shows.

A file is made when its button is pressed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from html import unescape
from importlib.metadata import version
from typing import Any
from urllib.parse import urlencode, urlsplit

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from fusionscope.analysis.arrays import pack_bundle
from fusionscope.analysis.reel import Reel
from fusionscope.card import Card
from fusionscope_app.components.link_box import link_box
from fusionscope_app.export import python_code
from fusionscope_app.export.html_report import Report, report_html
from fusionscope_app.state import address, clips, results


@dataclass(frozen=True, eq=False)
class Share:
    """What a page can share."""

    page: str
    clip_id: str
    cards: Sequence[Card]
    reel: Reel
    said: Sequence[str]  # HTML, in order
    notes: Sequence[str]  # plain text
    lines: Sequence[str]  # of Python
    arrays: Callable[[], Mapping[str, np.ndarray]]
    about: Mapping[str, Any] = field(default_factory=dict)
    show: Sequence[str] = ()  # keys of panels; empty: those of the reel

    @property
    def title(self) -> str:
        """Page, clip and networks, on one line."""
        names = " and ".join(card.title for card in self.cards)
        return f"{self.page}: {clips.title_of(self.clip_id)}, {names}"

    @property
    def headline(self) -> str:
        """The first sentence that the page says of it, without marks."""
        text = unescape(re.sub(r"<[^>]+>", "", next(iter(self.said), "")))
        return text.partition(". ")[0].strip() or self.title

    @property
    def name(self) -> str:
        """The name of its files, without an ending."""
        words = (self.page, clips.title_of(self.clip_id), *(card.name for card in self.cards))
        return "-".join(re.sub(r"[^A-Za-z0-9]+", "-", word).strip("-") for word in words)[:100]


def share_section(place: DeltaGenerator, share: Share) -> None:
    """Show the menu in ``place``."""
    with place.popover("Share"):
        if share.clip_id.startswith("upload:"):
            st.caption(
                "The link opens this clip in this tab only; other people need the video file."
            )
        url = link(share)
        link_box(url, key="share_link")
        _qr_code(url)
        for label, ending, make, mime in (
            (
                "Download a report that plays offline",
                "html",
                partial(report_of, url=url),
                "text/html",
            ),
            ("Download a video of the panels", "mp4", film_of, "video/mp4"),
            ("Download a video for a slide", "slide.mp4", slide_film_of, "video/mp4"),
            ("Download the arrays for NumPy", "npz", bundle_of, "application/octet-stream"),
        ):
            st.download_button(
                f"{label} ({ending.rpartition('.')[2]})",
                partial(make, share),
                f"{share.name}.{ending}",
                mime,
                key=f"share_{ending}",
                on_click="ignore",
                width="stretch",
            )
        st.markdown("Python code for this view")
        st.code(python_code.written(share.lines), language="python", wrap_lines=True)


def _qr_code(url: str) -> None:
    """Show the link as a QR code, once asked for: phones in the room open the view with it."""
    if not st.toggle("QR code for phones", key="share_qr"):
        return
    st.image(qr_svg(url), width=260, alt="QR code of the link above")
    if urlsplit(url).hostname in ("localhost", "127.0.0.1", "::1"):
        st.caption(
            "This address works on this computer only. Phones need an address of the network: see "
            "`docs/serving.md`."
        )


def qr_svg(url: str) -> str:
    """A text as a QR code in SVG, with the quiet zone of 4 modules that ISO 18004 asks for."""
    import segno  # not for the first view

    return segno.make_qr(url).svg_inline(scale=4, border=4, light="white")


def link(share: Share) -> str:
    """The address of the view, without the player's frame, which the browser adds.

    It names clip and network even if they are the defaults.
    """
    names = {"clip": share.clip_id, "model": share.cards[0].name}
    parameters = {key: value for key, value in address.everything().items() if key != "frame"}
    base = (st.context.url or "").partition("?")[0]
    return f"{base}?{urlencode(names | parameters, safe=':/~')}"


def report_of(share: Share, url: str) -> bytes:
    """The report as a file; ``url`` is the address of the page."""
    made = f"Made by fusionscope {version('fusionscope')} on {date.today():%-d %B %Y}."
    notes = [*share.notes, f"{made} Page: {url}"]
    code = python_code.written(share.lines)
    report = Report(share.title, share.reel, share.said, notes, code, share.cards, share.show)
    return report_html(report).encode()


def film_of(share: Share) -> bytes:
    """A video of the panels side by side."""
    from fusionscope.analysis.film import film

    return results.cached(
        "film", share.reel.digest, tuple(share.show), make=lambda: film(share.reel, share.show)
    )


def slide_film_of(share: Share) -> bytes:
    """The same for a slide: with the prediction and a timeline, slower, 6 s or more."""
    from fusionscope.analysis.film import slide_film

    return results.cached(
        "slide film",
        share.reel.digest,
        tuple(share.show),
        share.headline,
        make=lambda: slide_film(share.reel, share.headline, share.show),
    )


def bundle_of(share: Share) -> bytes:
    """The arrays behind the panels."""
    return pack_bundle(share.arrays(), share.about)
