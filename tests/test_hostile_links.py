"""Hostile links: each ends in a page, or in one sentence, and opens nothing that is not given."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from tests.hostile.case import REFUSED, WHOLE
from tests.hostile.figures import counted, is_a_sentence
from tests.hostile.links import MARK, NAMES, Link, links
from tests.hostile.listening import Visitors, laid_out, listening
from tests.hostile.lures import Bait
from tests.hostile.watching import seen, watched
from tests.serve import ROOT, serve, server_at
from tests.videos import numbered
from tests.visitor import View, visitor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

LEAST = 500  # links
SECONDS = 30.0  # for one on a busy machine
MOST = 500  # letters of a sentence; it may list all networks
ROOM = 600  # MB of results that the server keeps
MEGABYTES = 800.0  # more than before that the server may hold in the end
OUTSIDE = ("bait.mp4", "pipe.mp4", "link.mp4", "passwd", "self/environ", "socket.connect")
"""Words in what a server must not do."""


class _Tags(HTMLParser):
    """Finds elements and attributes that no page of ours has."""

    def __init__(self) -> None:
        super().__init__()
        self.foreign: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in (MARK, "script", "iframe", "object") or any(a.startswith("on") for a, _ in attrs):
            self.foreign.append(tag)


_LIVE = re.compile(rf"(?<!\\)(?:\[|<|\$\$){MARK}|(?<!\\)://127\.0\.0\.1:\d+/(?:a.png|{MARK})")
"""Of a link's words what Markdown would make a picture, a link or a formula of."""


@pytest.fixture(scope="module")
def visitors() -> Iterator[Visitors]:
    with listening() as found:
        yield found


@pytest.fixture(scope="module")
def bait(tmp_path_factory: pytest.TempPathFactory, visitors: Visitors) -> Bait:
    return laid_out(tmp_path_factory.mktemp("outside"), visitors.address)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, bait: Bait) -> Path:
    """A data folder with one good clip, and ways out of it."""
    data = tmp_path_factory.mktemp("data")
    numbered(data / "good.mp4", 12)
    for name in NAMES:
        (data / name).hardlink_to(data / "good.mp4")
    (data / "notes.txt").write_text("no video")
    for name, target in {
        **{"link.mp4": str(bait.film), "away": str(bait.film.parent), "root": "/", "self": "."},
        **{"pipe.mp4": str(bait.pipe), "ring.mp4": "ring.mp4", "again.mp4": "good.mp4"},
    }.items():
        (data / name).symlink_to(target)
    return data


def test_each_link_ends_in_a_page_or_in_one_sentence(
    folder: Path, bait: Bait, visitors: Visitors, tmp_path: Path, figures: Callable[[str], None]
):
    cases = [*links(bait)]
    assert len({case.name for case in cases}) == len(cases) >= LEAST
    env = {"FUSIONSCOPE_DATA": str(folder), "FUSIONSCOPE_CACHE_MB": f"{ROOM}"}
    env |= watched(tmp_path / "watch")
    with serve(ROOT / "app/main.py", env=env) as url:
        told, wrong, grown = asyncio.run(_follow(url, cases))
    figures(counted("hostile links", told, grown, what="links"))
    assert not wrong
    assert grown < MEGABYTES
    assert seen(tmp_path / "watch", "good.mp4")
    assert not seen(tmp_path / "watch", *OUTSIDE)
    assert visitors.asked == []


async def _follow(url: str, cases: list[Link]) -> tuple[list[dict], dict[str, str], float]:
    """Open each in a tab of its own -> what was told, what is wrong, MB by which it grew."""
    told, wrong = [], {}
    good = [link for link in cases if link.name.startswith("good")]
    before = [await _look(url, link) for link in good]
    held = _resident(url)
    for case in cases:
        view = await _look(url, case)
        told.append(
            {"name": case.name, "seconds": view.seconds}
            | ({"sentence": view.errors[0]} if view.errors else {})
        )
        if why := _wrong(view, case.may):
            wrong[case.name] = why
    grown = _resident(url) - held
    for link, view in zip(good, before, strict=True):
        if (await _look(url, link)).digest != view.digest:
            wrong[f"{link.name} afterwards"] = "shows something else than before"
    return told, wrong, grown


async def _look(url: str, link: Link) -> View:
    try:
        async with visitor(url) as own, asyncio.timeout(SECONDS):
            return await own.look(link.query, link.page)
    except (TimeoutError, ConnectionClosed) as problem:
        return View(exceptions=[repr(problem)], seconds=SECONDS)


def _resident(url: str) -> float:
    """MB that the server and all that it started hold."""
    server = server_at(url)
    all_of = (server, *server.children(recursive=True))
    return sum(process.memory_info().rss for process in all_of) / 1e6


def _wrong(view: View, may: str) -> str:
    """What is wrong with how a link ended; empty where nothing is."""
    tags = _Tags()
    tags.feed("".join(view.html))
    if view.exceptions or tags.foreign:
        return f"raised {view.exceptions}, has elements {tags.foreign}"
    if live := [text for text in view.texts if _LIVE.search(text)]:
        return f"shows as Markdown: {live}"
    if len(view.errors) > 1 or not all(is_a_sentence(_shown(e), most=MOST) for e in view.errors):
        return f"told {view.errors}"
    if view.errors:
        return f"was refused: {view.errors}" if may == WHOLE else ""
    return "was taken" if may == REFUSED else "" if view.html or view.reel else "shows nothing"


def _shown(text: str) -> str:
    """What is read where this Markdown is shown."""
    return re.sub(r"\\(.)", r"\1", text).replace("\u2060", "")  # invisible, against Markdown
