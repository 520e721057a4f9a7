"""Serve: a Streamlit script on a port of its own, and a headless Chromium to look at it."""

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

import psutil
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[1]
OPTIONS = {
    "server.headless": "true",
    "server.address": "127.0.0.1",
    "server.fileWatcherType": "none",
    "browser.gatherUsageStats": "false",
}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def serve(
    script: Path, *args: str, env: Mapping[str, str] | None = None, wait: float = 60
) -> Iterator[str]:
    """Run any Streamlit script, from the repository's root; give its address once it answers."""
    port = free_port()
    options = [f"--{name}={value}" for name, value in {**OPTIONS, "server.port": port}.items()]
    command = [sys.executable, "-m", "streamlit", "run", str(script), *options, "--", *args]
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
            stdout=log,
            stderr=subprocess.STDOUT,
        ) as server,
    ):
        try:
            if not comes_up(server, f"http://127.0.0.1:{port}", wait):
                log.seek(0)
                pytest.fail(f"no server for {script}:\n{log.read().decode(errors='replace')}")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def server_at(url: str) -> psutil.Process:
    """The process of ours that serves this address."""
    option = f"--server.port={url.rpartition(':')[2]}"
    (found,) = (one for one in psutil.Process().children() if option in one.cmdline())
    return found


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("", 0))
        return probe.getsockname()[1]


def comes_up(server: subprocess.Popen[bytes], url: str, wait: float = 60) -> bool:
    """Does the server answer at this address before it ends, and within so many seconds?"""
    deadline = time.monotonic() + wait
    while not answers(f"{url}/_stcore/health"):
        if server.poll() is not None or time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def answers(url: str) -> bool:
    """Does it say 200?"""
    try:
        with urlopen(url, timeout=5) as reply:
            return reply.status == 200
    except (URLError, OSError):
        return False


def executable() -> str:
    """Where Chromium is, without windows if there is such a one; skips the test without any."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    if not (found := next(filter(None, map(shutil.which, names)), None)):
        pytest.skip(f"none of {', '.join(names)} is installed")
    return found


@contextmanager
def chromium(*flags: str) -> Iterator["Browser"]:
    """A headless Chromium; skips the test where there is none, or no playwright to drive it."""
    if importlib.util.find_spec("playwright") is None:
        pytest.skip("playwright is not installed")
    found = executable()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=[*FLAGS, *flags])
        yield browser
        browser.close()


@contextmanager
def open_page(
    url: str,
    width: int = 1280,
    height: int = 800,
    dark: bool = False,
    browser: "Browser | None" = None,
    motion: bool = False,
) -> Iterator["Page"]:
    """A page at this address, in a Chromium of its own unless one is given.

    Nothing plays by itself there without ``motion``: that takes much of a machine's time. The test
    fails at the end where the page threw an error.
    """
    if browser is None:
        with chromium() as own, open_page(url, width, height, dark, own, motion) as page:
            yield page
        return
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        reduced_motion="no-preference" if motion else "reduce",
    )
    page = context.new_page()
    thrown: list[str] = []
    page.on("pageerror", lambda error: thrown.append(str(error)))
    page.goto(url, timeout=120_000)  # a busy machine takes its time
    yield page
    context.close()
    assert not thrown, thrown


def hold(page: "Page", frame: int) -> None:
    """Pause the player at a frame, and wait until that frame is drawn."""
    root = page.locator(".fs-player")
    if root.get_attribute("data-playing") == "true":
        root.press(" ")
    root.evaluate("(root, n) => root.fusionscope.seek(n)", frame)
    drawn(page)


def drawn(page: "Page") -> None:
    """Wait until the player has drawn the frame it stands at, of the newest reel."""
    pass_frames(page, 2)  # pointer events come with an animation frame
    wait_player(page, "player => !player.dirty && !player.incoming")


def drawings(page: "Page", count: int) -> None:
    """Wait until a playing player has drawn so many times more."""
    before = page.locator(".fs-player").evaluate("root => root.fusionscope.drawn")
    wait_player(page, "(player, least) => player.drawn >= least", before + count)


def wait_player(page: "Page", holds: str, *of: object, timeout: float = 60_000) -> None:
    """Wait until a function of the player (and more) is true; the player is in a shadow root."""
    root = page.locator(".fs-player").element_handle()
    page.wait_for_function(
        f"([root, ...of]) => ({holds})(root.fusionscope, ...of)", arg=[root, *of], timeout=timeout
    )


def pass_frames(page: "Page", count: int = 30) -> None:
    """Let the browser show so many animation frames: the time of what must not happen."""
    page.evaluate(
        """count => new Promise(done => {
          const next = () => (count-- > 0 ? requestAnimationFrame(next) : setTimeout(done));
          next();
        })""",
        count,
    )


def settled(page: "Page") -> None:
    """Wait until the page's script does not run."""
    page.wait_for_selector(
        "[data-testid=stApp][data-test-script-state=notRunning]", timeout=200_000
    )


def quiet(page: "Page", sent: Sequence[bytes | str]) -> None:
    """Wait until the script rests and the page has sent nothing for 30 animation frames."""
    before = -1
    while before != len(sent):
        before = len(sent)
        settled(page)
        pass_frames(page)


def laid_out(page: "Page") -> None:
    """Wait until the player's canvases stand where they stood five animation frames before."""
    wait_player(
        page,
        """(player) => {
          const all = [...player.root.querySelectorAll("canvas[data-panel]")];
          const boxes = JSON.stringify(all.map(canvas => canvas.getBoundingClientRect()));
          const was = window.laidOut ?? {};
          window.laidOut = { boxes, count: boxes === was.boxes ? was.count + 1 : 0 };
          return window.laidOut.count >= 5;
        }""",
    )
    page.evaluate("() => { delete window.laidOut; }")


def address(page: "Page", key: str) -> str:
    """What the page's address says of a key; empty: nothing."""
    return page.evaluate("key => new URL(location).searchParams.get(key) || ''", key)


def frames_sent(page: "Page") -> list[bytes | str]:
    """All that the page tells its server from its next load on (reload it, then read the list)."""
    sent: list[bytes | str] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    return sent
