"""Cold start: the time from the command to the first complete page, in a real browser.

It is compared with ``python -c "import torch"``, timed in turn, which no page can wait for if it is
to be quick. Each start uses an empty cache, as a first user has.
"""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from importlib.util import find_spec
from typing import TYPE_CHECKING
from urllib.request import urlopen

from fusionscope.base.records import InputError
from fusionscope.bench.timed_pair import TimedPair

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

APP = (sys.executable, "-m", "fusionscope_app.cli", "app")
IMPORT = (sys.executable, "-c", "import torch")
PICTURE = ".fs-player[data-ready]"
PARTS = (PICTURE, ".fs-says", ".fs-sentence", ".fs-ledger")
"""What a complete first page shows: the player, predictions, sentence, ledger."""

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run")
_FLAGS += ("--disable-background-networking", "--disable-component-update", "--disable-sync")
_WAIT = 120.0  # seconds for one start


@dataclass(frozen=True)
class Start:
    """Seconds from the command to each step of one start."""

    server: float  # it answers
    first_bytes: float  # of the page
    first_picture: float  # the player has decoded its panels
    complete: float  # and predictions, sentence and ledger are shown
    second_visitor: float  # from the address to the complete page, in a second browser


def missing_reason() -> str:
    """Why a cold start cannot be measured here, in one sentence; empty if it can."""
    needed = "needed: pip install 'fusionscope[test]' and Chromium"
    if find_spec("fusionscope_app") is None:
        return "the app's package is not installed"
    if find_spec("playwright") is None:
        return f"the package playwright, which drives the browser, is not installed; {needed}"
    if _browser() is None:
        return f"no browser was found ({', '.join(_BROWSERS)}); {needed}"
    return ""


def cold_start(repeats: int) -> tuple[list[TimedPair], dict[str, float]]:
    """Start the app, compared with importing torch; also the median seconds of each step.

    There is no pair if ``missing_reason`` gives a reason.
    """
    if missing_reason():
        return [], {}
    with _chromium() as browser:
        return measured(browser, repeats)


def measured(browser: Browser, repeats: int) -> tuple[list[TimedPair], dict[str, float]]:
    """The pair and the medians of ``cold_start``, in a browser that runs already."""
    starts, theirs = [], []
    for _ in range(repeats):
        starts.append(_start(browser, APP))
        theirs.append(seconds_of(IMPORT))
    what = "the first complete page from a cold start, vs importing torch"
    ours = tuple(start.complete for start in starts)
    return [TimedPair(what, ours, tuple(theirs), None)], medians(starts)


def medians(starts: Sequence[Start]) -> dict[str, float]:
    """Step -> median over the starts."""
    return {
        field.name: statistics.median(asdict(start)[field.name] for start in starts)
        for field in fields(Start)
    }


def seconds_of(command: Sequence[str], env: Mapping[str, str] | None = None) -> float:
    """Run a command to its end; return the seconds.

    Raises:
        InputError: it fails.
    """
    started = time.perf_counter()
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **(env or {})}
    )
    taken = time.perf_counter() - started
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise InputError(f"{' '.join(command[1:4])} … failed: {last}")
    return taken


def _start(browser: Browser, command: Sequence[str]) -> Start:
    with tempfile.TemporaryDirectory(prefix="fusionscope-") as cache:
        port = _free_port()
        url = f"http://127.0.0.1:{port}"
        options = ("--server.headless=true", f"--server.port={port}")
        began = time.perf_counter()
        server = subprocess.Popen(
            [*command, *options],
            env={**os.environ, "FUSIONSCOPE_CACHE": cache},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            up = _until_up(server, url, began)
            with _visitor(browser, url, began) as (page, first):
                picture = first + _seconds(lambda: _shown(page, PICTURE))
                complete = picture + _seconds(lambda: _shown(page, *PARTS))
            began = time.perf_counter()
            with _visitor(browser, url, began) as (page, _):
                _shown(page, *PARTS)
                second = time.perf_counter() - began
        finally:
            server.terminate()
            with suppress(subprocess.TimeoutExpired):
                server.wait(10)
            server.kill()
            server.wait()
    return Start(up, first, picture, complete, second)


def _until_up(server: subprocess.Popen[bytes], url: str, began: float) -> float:
    """Seconds since ``began`` when the server answers."""
    while time.perf_counter() - began < _WAIT:
        if server.poll() is not None:
            raise InputError(f"the app ended with status {server.returncode} before it answered")
        with suppress(OSError), urlopen(f"{url}/_stcore/health", timeout=5):
            return time.perf_counter() - began
        time.sleep(0.01)
    raise InputError(f"the app did not answer within {_WAIT:g} s")


@contextmanager
def _visitor(browser: Browser, url: str, began: float) -> Iterator[tuple[Page, float]]:
    """A page of a new browser session, and the seconds since ``began`` at its first bytes."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(url, wait_until="commit", timeout=_WAIT * 1000)
    yield page, time.perf_counter() - began
    context.close()


def _shown(page: Page, *parts: str) -> None:
    for part in parts:
        page.wait_for_selector(part, timeout=_WAIT * 1000)


def _seconds(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


@contextmanager
def _chromium() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=_browser(), args=[*_FLAGS])
        yield browser
        browser.close()


def _browser() -> str | None:
    return next(filter(None, map(shutil.which, _BROWSERS)), None)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
