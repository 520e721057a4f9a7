"""Many visitors: two dozen tabs at one server, each with its own right numbers."""

from __future__ import annotations

import asyncio
import itertools
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import psutil
import pytest

from tests.serve import ROOT, serve, server_at
from tests.videos import numbered
from tests.visitor import View, Visitor, visitor

PEOPLE = 24
LOOKS = 3  # at what was seen before, in a round
ROUNDS = 3
AIM = 1.0  # seconds: 95 % of such looks take less
PACE = 6.0  # seconds between two looks of one visitor
ROOM = 4 * 2**30  # bytes that a server on a CPU may take
HERE = {"FUSIONSCOPE_DATA": "/nowhere"}
MODELS = ("toybox-conv3d", "toybox-temporal", "toybox-conv", "toybox-late")
PAGES = itertools.cycle(("", "fusion", "why", "what_if", "flow"))
VIEWS = [
    (f"clip=toybox:{seed}&model={model}", next(PAGES)) for seed in (8, 21, 34) for model in MODELS
]


class Memory:
    """The most that a server and its children held while it was watched."""

    def __init__(self, url: str) -> None:
        self.most = 0
        self._server = server_at(url)
        self._end = threading.Event()

    @contextmanager
    def watching(self) -> Iterator[None]:
        watcher = threading.Thread(target=self._watch)
        watcher.start()
        try:
            yield
        finally:
            self._end.set()
            watcher.join()

    def _watch(self) -> None:
        while not self._end.wait(0.5):
            held = 0
            for process in (self._server, *self._server.children(recursive=True)):
                with suppress(psutil.Error):  # it has just ended
                    held += process.memory_info().rss
            self.most = max(self.most, held)


async def _alone(url: str) -> list[str]:
    async with visitor(url) as one:
        return [(await one.look(*view)).digest for view in VIEWS]


async def _crowd(url: str, right: list[str]) -> tuple[list[View], list[list[View]]]:
    """All at once: each looks at two views nobody has seen, then at views that all have seen.

    The latter in up to three rounds: another one follows while some had to wait.
    """
    dice = np.random.default_rng(0)
    first: list[View] = []
    rounds: list[list[View]] = []

    async def one(number: int, own: Visitor) -> None:
        for at in range(number, number + 2):
            view = await own.look(*VIEWS[at % len(VIEWS)])
            assert view.digest == right[at % len(VIEWS)]
            first.append(view)
        for _ in range(ROUNDS):
            await gate.wait()
            if rounds and _p95(rounds[-1]) < AIM:
                break
            await gate.wait()
            if number == 0:
                rounds.append([])
            await gate.wait()
            await asyncio.sleep(PACE * number / PEOPLE)
            for at in dice.integers(len(VIEWS), size=LOOKS):
                view = await own.look(*VIEWS[at])
                assert view.digest == right[at]
                rounds[-1].append(view)
                await asyncio.sleep(max(0.0, PACE - view.seconds))

    gate = asyncio.Barrier(PEOPLE)
    async with asyncio.timeout(330), asyncio.TaskGroup() as group:
        for number in range(PEOPLE):
            group.create_task(_come(url, number, one))
    return first, rounds


def _p95(views: list[View]) -> float:
    return float(np.quantile([view.seconds for view in views], 0.95))


async def _come(url: str, number: int, go: Callable) -> None:
    async with visitor(url) as own:
        await go(number, own)


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.timeout(500)
def test_each_of_two_dozen_gets_what_one_alone_gets(figures: Callable[[str], None]):
    with serve(ROOT / "app/main.py", env=HERE) as url:
        right = asyncio.run(_alone(url))
    assert len(set(right)) == len(VIEWS)
    with serve(ROOT / "app/main.py", env=HERE) as url:
        memory = Memory(url)
        with memory.watching():
            first, rounds = asyncio.run(_crowd(url, right))
    told = {words for view in first for words in view.told}
    assert any(re.match(r"Waiting: \d+ analys[ei]s ahead", words) for words in told)
    later = min(rounds, key=_p95)  # the others were held up by what else the machine does
    seconds = [view.seconds for view in later]
    figures(
        f"{PEOPLE} visitors: {len(first)} first views, {len(later)} cached ones; these took "
        f"{np.median(seconds):.2f} s (median), {_p95(later):.2f} s (p95, best of {len(rounds)}); "
        f"first ones up to {max(view.seconds for view in first):.0f} s; "
        f"at most {memory.most / 2**20:.0f} MB"
    )
    assert memory.most < ROOM
    assert _p95(later) < 2 * AIM  # the machine of a check may be slower


@pytest.mark.slow
def test_an_upload_is_its_visitors_alone_and_goes_with_the_tab(tmp_path: Path):
    films, clips = tmp_path / "films", tmp_path / "server"
    films.mkdir()
    clips.mkdir()
    contents = []
    for number in range(3):
        numbered(films / f"{number}.mp4", 24 + number)
        contents.append((films / f"{number}.mp4").read_bytes())

    async def one(url: str, content: bytes) -> tuple[str, str]:
        async with visitor(url) as own:
            start = await own.look(VIEWS[0][0])
            view = await own.upload(start, "mine.mp4", content)
            assert view.reel != start.reel
            addresses.append(own.address)
            await met.wait()
            for other in addresses:
                seen = await own.look(other)
                if other == own.address:
                    continue
                assert "not found" in seen.errors[-1]
                assert seen.reel == ""
            return view.digest, addresses[0]

    async def all_of(url: str) -> list[tuple[str, str]]:
        return await asyncio.gather(*(one(url, content) for content in contents))

    addresses: list[str] = []
    met = asyncio.Barrier(len(contents))
    env = {**HERE, "TMPDIR": str(clips), "STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL": "1"}
    with serve(ROOT / "app/main.py", env=env) as url:
        found = asyncio.run(asyncio.wait_for(all_of(url), 240))
        assert len({digest for digest, _ in found}) == len(contents)
        assert len(set(addresses)) == len(contents)
        asyncio.run(_until_empty(url, clips))
    assert not [*clips.glob("fusionscope-*")]


async def _until_empty(url: str, folder: Path) -> None:
    """Wait until the folders of visitors who have gone are gone, with a tab that keeps coming."""
    async with asyncio.timeout(60):
        while len([*folder.glob("fusionscope-*")]) > 1:
            async with visitor(url) as own:
                await own.look(VIEWS[0][0])
            await asyncio.sleep(1)
