"""Pages with a player, and what the tests of the player do with them."""

import base64
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from fusionscope.analysis.reel import Reel
from tests.numbered_reel import (
    REELS,
    grey,
)
from tests.serve import (
    drawn,
    open_page,
    serve,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page


SCRIPT = """
import streamlit as st
from fusionscope_app.components.player import player
from tests.numbered_reel import REELS

st.set_page_config(layout="wide")
state = st.session_state
state.runs = state.get("runs", 0) + 1
name = st.radio("reel", [*REELS], horizontal=True)
show = ["why", "flow"] if st.checkbox("ask") else []
click = player(REELS[name], key="player", show=show)
st.text(f"run {state.runs}: {click}")
"""


@pytest.fixture(scope="module")
def url(browser: "Browser", tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    assert browser.is_connected()  # without a browser this skips, and no server starts for nothing
    folder = tmp_path_factory.mktemp("player")
    (folder / "page.py").write_text(SCRIPT)
    with serve(folder / "page.py") as address:
        yield address


@pytest.fixture
def page(browser: "Browser", url: str) -> Iterator["Page"]:
    """A page of the test's own: for what reruns the script, or what cannot be put back."""
    with open_page(url, browser=browser, motion=True) as opened:
        player(opened)
        yield opened


@pytest.fixture(scope="module")
def lent(browser: "Browser", url: str) -> Iterator["Page"]:
    with open_page(url, browser=browser, motion=True) as opened:
        player(opened)
        yield opened


@pytest.fixture
def shared(lent: "Page") -> "Page":
    """One page for many tests, its player as at the start."""
    lent.mouse.move(2, 2)
    lent.emulate_media(color_scheme="light")
    lent.set_viewport_size({"width": 1280, "height": 800})
    lent.locator(".fs-player").evaluate(
        """root => {
          const player = root.fusionscope;
          player.row.show(player.reel, player.reel.shown);
          player.set({ speed: 1, loop: true, opacity: 0.8, smooth: true, hover: null, pin: null });
        }"""
    )
    return lent


def player(page: "Page") -> "Locator":
    page.wait_for_selector(".fs-player[data-ready]")
    return page.locator(".fs-player")


def wait_for_reel(page: "Page", name: str) -> None:
    """Wait until the player shows a reel."""
    page.wait_for_selector(f'.fs-player[data-ready="{REELS[name].digest}"]')


def pause(page: "Page", frame: int) -> "Locator":
    """Hold still at a frame, its pictures drawn, and the keys at the player."""
    root = player(page)
    root.evaluate("root => root.focus()")
    if root.get_attribute("data-playing") == "true":
        page.keyboard.press("Space")
    root.evaluate("(root, n) => root.fusionscope.seek(n)", frame)
    settle(page)
    return root


def settle(page: "Page") -> None:
    """Wait until what the viewer did is drawn."""
    drawn(page)


def times_drawn(page: "Page") -> int:
    return page.locator(".fs-player").evaluate("root => root.fusionscope.drawn")


def watched(page: "Page", changes: int) -> list[list[int]]:
    """At each animation frame: greys of frame and flow, the player's place, its drawings so far.

    Until the place has changed so often, and stayed as it was at 20 animation frames.
    """
    return page.locator(".fs-player").evaluate(
        """(root, changes) => new Promise(done => {
          const looks = [];
          let changed = 0, stayed = 0;
          const look = () => {
            const [frame, flow] = [...root.querySelectorAll("canvas[data-panel]")]
              .map(c => c.getContext("2d").getImageData(5, 5, 1, 1).data[0]);
            const place = Number(root.dataset.frame);
            if (looks.length && place === looks.at(-1)[2]) stayed += 1;
            else changed += 1;
            looks.push([frame, flow, place, root.fusionscope.drawn]);
            if (changed > changes && stayed >= 20) done(looks);
            else requestAnimationFrame(look);
          };
          look();
        })""",
        changes,
    )


def pixels(page: "Page", canvas: str) -> np.ndarray:
    """What a panel's canvas (or another, by its selector) holds, (H, W, 4)."""
    selector = canvas if canvas.startswith(".") else f"canvas[data-panel={canvas}]"
    png = page.locator(selector).evaluate("canvas => canvas.toDataURL().split(',')[1]")
    bgra = cv2.imdecode(np.frombuffer(base64.b64decode(png), np.uint8), cv2.IMREAD_UNCHANGED)
    assert bgra is not None
    return bgra[..., [2, 1, 0, 3]]


def shown_frame(page: "Page") -> int:
    return round((int(pixels(page, "frame")[5, 5, 0]) - grey(0)) / 18)


def panels(page: "Page") -> list[str]:
    shown = page.locator("canvas[data-panel]").evaluate_all("all => all.map(c => c.dataset.panel)")
    return [str(key) for key in shown]


def run(page: "Page") -> int:
    """How often the script has run."""
    return int(page.get_by_text(re.compile(r"^run \d+: ")).inner_text().split()[1].rstrip(":"))


def said(page: "Page", run: int) -> str:
    """What Python said in its n-th run."""
    text = page.get_by_text(re.compile(rf"^run {run}: "))
    text.wait_for()
    return text.inner_text()


def clicked(told: str) -> list[float]:
    return [float(number) for number in re.findall(r"[xy]=([\d.]+)", told)]


def mount(page: "Page", script: str, reel: Reel) -> "Locator":
    """Put a player on a blank page without Streamlit; `window.clean` holds each call's clean-up."""
    page.evaluate(
        """async ([script, packed]) => {
          const { default: mount } = await import(URL.createObjectURL(
            new Blob([script], { type: "text/javascript" })));
          const data = Uint8Array.from(atob(packed), c => c.charCodeAt(0));
          const parentElement = document.body;
          window.run = () => mount({ data, parentElement, setTriggerValue() {} });
          window.clean = [window.run()];
        }""",
        [script, base64.b64encode(reel.to_bytes()).decode()],
    )
    return player(page)
